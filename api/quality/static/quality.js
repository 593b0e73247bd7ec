// Beside an evaluation: a moment leads to its sound, and the sound's moment goes into the form.

const clock = (seconds) => {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, "0");
  return whole < 3600 ? `${Math.floor(whole / 60)}:${rest}`
    : `${Math.floor(whole / 3600)}:${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${rest}`;
};
const sound = () => document.querySelector("audio");

document.addEventListener("click", (event) => {
  const moment = event.target.closest("[data-moment]");
  const mark = event.target.closest("[data-now]");
  if (moment && sound()) {
    event.preventDefault();
    sound().currentTime = Number(moment.dataset.moment);
    sound().play();
  } else if (mark && sound()) {
    document.getElementById(mark.dataset.now).value = clock(sound().currentTime);
  }
});

// a note on the page of a call is about what is being heard
document.addEventListener("toggle", (event) => {
  if (event.target.id !== "coach" || !event.target.open || !sound()) return;
  const now = sound().currentTime;
  document.getElementById("coach-start").value = now.toFixed(1);
  document.getElementById("coach-at").textContent = clock(now);
}, true);

const begin = sound()?.dataset.at;
if (Number(begin) > 0) sound().addEventListener("loadedmetadata", () => { sound().currentTime = Number(begin); });
