// The page of one call: sound, waveform, words in step with it.

import WaveSurfer from "./vendor/wavesurfer.esm.js";
import { copy, isTyping, say } from "./app.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const GAP = 1.5; // seconds of silence worth skipping
const LANE = 48; // pixels

const player = document.getElementById("player");
const audio = player.querySelector("audio");
const duration = Number(player.dataset.duration);
const byId = (id) => document.getElementById(id);
const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
};

/* Marks: places are known as seconds, drawn as shares of the width. */
function place(node) {
  node.style.setProperty("--from", `${(100 * node.dataset.from) / duration}%`);
  if (node.dataset.to) node.style.setProperty("--to", `${(100 * node.dataset.to) / duration}%`);
}
player.querySelectorAll("[data-from]").forEach(place);

/* Zoom: the track grows, all that lies on it is placed in shares of it. */
const FINEST = 10; // seconds that fill the width at the closest
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const scroll = byId("scroll");
const closest = Math.min(64, 2 ** Math.ceil(Math.log2(Math.max(1, duration / FINEST))));
let zoom = 1;
function drawAxis() {
  const shown = duration / zoom;
  const step = TICKS.find((seconds) => shown / seconds <= scroll.clientWidth / 90) ?? TICKS.at(-1);
  const labels = [];
  for (let at = 0; at <= duration * (1 - 0.03 / zoom); at += step) {
    const label = Object.assign(document.createElement("span"), { textContent: clock(at) });
    label.dataset.from = at;
    place(label);
    labels.push(label);
  }
  byId("axis").replaceChildren(...labels);
}
/** Draw ``times`` as wide as the page shows it; the moment at ``x`` pixels from the left edge stays where it is. */
function setZoom(times, x = scroll.clientWidth / 2) {
  const wanted = Math.min(closest, Math.max(1, times));
  const under = (scroll.scrollLeft + x) / zoom;
  zoom = wanted;
  scroll.style.setProperty("--zoom", zoom);
  scroll.scrollLeft = under * zoom - x;
  byId("zoom-out").disabled = zoom <= 1;
  byId("zoom-in").disabled = zoom >= closest;
  drawAxis();
}
function zoomAtPlayhead(factor) {
  const x = (audio.currentTime / duration) * scroll.scrollWidth - scroll.scrollLeft;
  setZoom(zoom * factor, x >= 0 && x <= scroll.clientWidth ? x : undefined);
}
function keepPlayheadShown() {
  const x = (audio.currentTime / duration) * scroll.scrollWidth - scroll.scrollLeft;
  if (x < 0 || x > scroll.clientWidth * 0.95) scroll.scrollLeft += x - scroll.clientWidth * 0.1;
}

/* Words in the order of time; asked for anew when live words are replaced. */
let turns = [];
let words = [];
let gaps = [];
function readWords() {
  const span = (node) => ({ node, start: Number(node.dataset.start), end: Number(node.dataset.end) });
  turns = [...document.querySelectorAll("#said .turn[data-start]")].map(span);
  words = [...document.querySelectorAll("#said .word")].map(span).sort((a, b) => a.start - b.start);
  gaps = [];
  let end = 0;
  for (const turn of [...turns].sort((a, b) => a.start - b.start)) {
    if (turn.start - end > GAP) gaps.push({ start: end, end: turn.start });
    end = Math.max(end, turn.end);
  }
}
readWords();
document.addEventListener("htmx:afterSettle", readWords);

/* Sound */
function seek(time, { play = !audio.paused } = {}) {
  audio.currentTime = Math.min(Math.max(0, time), duration);
  if (play) audio.play();
  follow(true);
}
function toggle() {
  if (audio.paused) audio.play();
  else audio.pause();
}
function stepSpeed(step) {
  setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(audio.playbackRate) + step))]);
}
function setSpeed(speed) {
  audio.defaultPlaybackRate = audio.playbackRate = speed;
  byId("speed-now").textContent = `${speed.toLocaleString(document.documentElement.lang)}×`;
  localStorage.setItem("otklik.speed", speed);
}
function setSkip(on) {
  byId("skip").setAttribute("aria-pressed", on);
  localStorage.setItem("otklik.skip", on ? "1" : "");
}
const skips = () => byId("skip").getAttribute("aria-pressed") === "true";

/* What is being said now */
let lit = [];
let current = null;
let touched = 0; // when the reader last scrolled: the page does not pull them back at once
for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => (touched = Date.now()), { passive: true });

function follow(moved = false) {
  const now = audio.currentTime;
  byId("now").textContent = clock(now);
  if (zoom > 1 && (moved || (!audio.paused && Date.now() - touched > 4000))) keepPlayheadShown();
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start <= now) low = middle + 1;
    else high = middle;
  }
  const next = words.slice(Math.max(0, low - 12), low).filter((word) => now < word.end);
  for (const word of lit) if (!next.includes(word)) word.node.classList.remove("now");
  for (const word of next) word.node.classList.add("now");
  lit = next;

  const turn = turns.findLast((t) => t.start <= now + 0.05 && now < t.end) ?? turns.findLast((t) => t.start <= now + 0.05);
  if (turn?.node !== current) {
    current?.classList.remove("current");
    current?.removeAttribute("aria-current");
    current = turn?.node ?? null;
    current?.classList.add("current");
    current?.setAttribute("aria-current", "true");
    if (moved || Date.now() - touched > 4000) current?.scrollIntoView({ block: "nearest", behavior: moved ? "auto" : "smooth" });
  }
}
function tick() {
  const gap = skips() && gaps.find((g) => audio.currentTime >= g.start + 0.3 && audio.currentTime < g.end - 0.4);
  if (gap) audio.currentTime = gap.end - 0.2;
  follow();
  if (!audio.paused) requestAnimationFrame(tick);
}

/* Findings */
const marks = [...document.querySelectorAll(".findings [data-mark]")];
let marked = -1;
function openMark(index, play) {
  const button = marks[index];
  if (!button) return;
  for (const node of document.querySelectorAll("[data-mark].current")) node.classList.remove("current");
  for (const node of document.querySelectorAll(`[data-mark="${button.dataset.mark}"]`)) node.classList.add("current");
  button.scrollIntoView({ block: "nearest" });
  marked = index;
  seek(Number(button.dataset.from) - 0.3, { play });
}
function stepMark(step) {
  const shown = marks.map((node, index) => ({ index, from: Number(node.dataset.from), node }))
    .filter(({ node }) => node.offsetParent !== null);
  if (!shown.length) return;
  const at = shown.findIndex(({ index }) => index === marked);
  const near = at >= 0 && Math.abs(audio.currentTime - shown[at].from) < 6;
  const next = near
    ? shown[(at + step + shown.length) % shown.length]
    : step > 0
      ? shown.find(({ from }) => from > audio.currentTime) ?? shown[0]
      : shown.findLast(({ from }) => from < audio.currentTime - 1) ?? shown.at(-1);
  openMark(next.index);
}

function showKinds() {
  const hidden = [];
  for (const button of document.querySelectorAll(".legend [data-kind]")) {
    const off = button.getAttribute("aria-pressed") === "false";
    byId("call").classList.toggle(`hide-${button.dataset.kind}`, off);
    if (off) hidden.push(button.dataset.kind);
  }
  const address = new URL(location);
  if (hidden.length) address.searchParams.set("hide", hidden.join(","));
  else address.searchParams.delete("hide");
  history.replaceState(history.state, "", address);
}

/* Search in the call */
let hits = [];
let hit = -1;
const plain = (text) => text.toLocaleLowerCase().replaceAll("ё", "е").replace(/[^\p{L}\p{N}]/gu, "");
function find(query) {
  for (const node of document.querySelectorAll(".word.hit")) node.classList.remove("hit");
  const wanted = query.split(/\s+/).map(plain).filter(Boolean);
  hits = [];
  hit = -1;
  if (wanted.length) {
    for (const turn of turns) {
      const said = [...turn.node.querySelectorAll(".word")];
      said.forEach((_, i) => {
        const run = said.slice(i, i + wanted.length);
        if (run.length === wanted.length && run.every((node, k) => plain(node.textContent).includes(wanted[k]))) {
          run.forEach((node) => node.classList.add("hit"));
          hits.push(run[0]);
        }
      });
    }
  }
  byId("found").textContent = wanted.length ? String(hits.length) : "";
}
function nextHit(step) {
  if (!hits.length) return;
  hit = (hit + step + hits.length) % hits.length;
  byId("found").textContent = `${hit + 1} / ${hits.length}`;
  hits[hit].scrollIntoView({ block: "center" });
  seek(Number(hits[hit].dataset.start));
}

/* Links to a moment */
function linkTo(time) {
  const address = new URL(location);
  address.searchParams.set("t", String(Math.round(time * 10) / 10));
  address.hash = "";
  return address.href;
}

/* Controls */
byId("play").addEventListener("click", toggle);
byId("speed").addEventListener("click", () => setSpeed(SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length]));
byId("skip").addEventListener("click", () => setSkip(!skips()));
byId("zoom").hidden = closest === 1;
byId("zoom-out").addEventListener("click", () => zoomAtPlayhead(1 / 2));
byId("zoom-in").addEventListener("click", () => zoomAtPlayhead(2));
scroll.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * (event.deltaY < 0 ? 1.25 : 0.8), event.clientX - scroll.getBoundingClientRect().left);
}, { passive: false });
new ResizeObserver(drawAxis).observe(scroll);
byId("next")?.addEventListener("click", () => stepMark(1));
byId("share").addEventListener("click", () => copy(linkTo(audio.currentTime), byId("call").dataset.copyLink));
byId("find").addEventListener("input", (event) => find(event.target.value));
byId("find").addEventListener("keydown", (event) => {
  if (event.key === "Enter") nextHit(event.shiftKey ? -1 : 1);
});
for (const button of document.querySelectorAll(".legend [data-kind]")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "false");
    showKinds();
  });
}
document.addEventListener("click", (event) => {
  const proof = event.target.closest("[data-moment]");
  if (proof) {
    event.preventDefault();
    return seek(Number(proof.dataset.moment), { play: true });
  }
  const mark = event.target.closest("[data-mark]");
  const step = event.target.closest(".steps [data-from]");
  const turn = event.target.closest("#said .turn[data-start]");
  if (mark) openMark(marks.findIndex((node) => node.dataset.mark === mark.dataset.mark), true);
  else if (step) seek(Number(step.dataset.from), { play: true });
  else if (turn && event.target.closest(".at")) seek(Number(turn.dataset.start), { play: true });
  else if (turn && event.target.closest(".copy")) {
    const said = turn.querySelector(".said").cloneNode(true);
    said.querySelector(".mood")?.remove();
    const text = said.textContent.trim().replace(/\s+/g, " ");
    const who = turn.querySelector(".speaker").textContent;
    copy(`«${text}» — ${who}, ${turn.querySelector(".at").textContent} ${linkTo(Number(turn.dataset.start))}`);
  } else if (event.target.matches("#said .word") && getSelection().isCollapsed) {
    seek(Number(event.target.dataset.start), { play: true });
  }
});

const keys = {
  " ": toggle,
  ArrowLeft: () => seek(audio.currentTime - 5),
  ArrowRight: () => seek(audio.currentTime + 5),
  n: () => stepMark(1),
  p: () => stepMark(-1),
  j: () => stepTurn(1),
  k: () => stepTurn(-1),
  "[": () => stepSpeed(-1),
  "]": () => stepSpeed(1),
  s: () => setSkip(!skips()),
  "+": () => zoomAtPlayhead(2),
  "-": () => zoomAtPlayhead(1 / 2),
  c: () => byId("share").click(),
  u: () => location.assign("/calls"),
};
// keys are places on the keyboard: they work in the Russian layout too
const places = { KeyN: "n", KeyP: "p", KeyJ: "j", KeyK: "k", KeyS: "s", KeyC: "c", KeyU: "u", BracketLeft: "[", BracketRight: "]", Equal: "+", Minus: "-" };
function stepTurn(step) {
  const at = turns.findIndex((turn) => turn.node === current);
  const turn = turns[Math.min(turns.length - 1, Math.max(0, at + step))];
  if (turn) seek(turn.start);
}
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || (event.shiftKey && event.code !== "Equal")) return;
  const act = keys[event.key] ?? keys[places[event.code]];
  const pressed = event.key === " " && event.target.matches("button:focus-visible, a:focus-visible, summary");
  if (!act || pressed) return;
  event.preventDefault();
  act();
});

audio.addEventListener("play", () => requestAnimationFrame(tick));
for (const kind of ["seeked", "timeupdate"]) audio.addEventListener(kind, () => follow(kind === "seeked"));
for (const kind of ["play", "pause"]) {
  audio.addEventListener(kind, () => {
    const play = byId("play");
    play.querySelector(".when-paused").hidden = !audio.paused;
    play.querySelector(".when-playing").hidden = audio.paused;
    play.setAttribute("aria-label", audio.paused ? play.dataset.play : play.dataset.pause);
  });
}
audio.addEventListener("error", () => say(player.dataset.noSound));

/* Waveform */
function drawLane(speakers, peaks) {
  const handover = Number(player.dataset.handover || Infinity);
  const probe = (name) => getComputedStyle(document.querySelector(`.lane-names .${name}`)).color;
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 0.05);
  // a wide waveform comes in several canvases: each draws its own part of the whole
  return (_, ctx) => {
    const { width, height } = ctx.canvas;
    const unit = window.devicePixelRatio || 1;
    const [bar, step] = [2 * unit, 3 * unit];
    const [left, whole] = [(parseFloat(ctx.canvas.style.left) || 0) * unit, byId("shape").clientWidth * unit];
    const colours = speakers.map(probe);
    for (let x = 0; x < width; x += step) {
      const from = Math.min(peaks.length - 1, Math.floor(((left + x) / whole) * peaks.length));
      const to = Math.max(from + 1, Math.floor(((left + x + step) / whole) * peaks.length));
      const loud = Math.max(...peaks.slice(from, to)) / loudest;
      const tall = Math.max(unit, Math.sqrt(loud) * loud ** 0.2 * height * 0.9);
      ctx.fillStyle = colours[((left + x) / whole) * duration >= handover && colours.length > 1 ? 1 : 0];
      ctx.fillRect(x, (height - tall) / 2, bar, tall);
    }
  };
}

async function draw() {
  const response = await fetch(player.dataset.peaks);
  if (!response.ok) return say(player.dataset.noWave);
  const { peaks } = await response.json();
  const lanes = byId("shape").dataset.lanes.split(";").map((lane) => lane.split(","));
  const wave = WaveSurfer.create({
    container: byId("shape"),
    media: audio,
    peaks,
    duration,
    height: LANE,
    cspNonce: player.dataset.nonce,
    progressColor: "transparent",
    cursorColor: "#888",
    cursorWidth: 2,
    dragToSeek: true,
    splitChannels: lanes.map((speakers, lane) => ({ height: LANE, renderFunction: drawLane(speakers, peaks[lane]) })),
  });
  const dress = () => wave.setOptions({ cursorColor: getComputedStyle(document.body).color });
  dress();
  wave.setTime(audio.currentTime);
  document.addEventListener("themechange", dress);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
}

/* The page as its address wants it */
const address = new URL(location);
for (const kind of (address.searchParams.get("hide") ?? "").split(",").filter(Boolean)) {
  document.querySelector(`.legend [data-kind="${CSS.escape(kind)}"]`)?.setAttribute("aria-pressed", "false");
}
showKinds();
setZoom(1);
setSkip(localStorage.getItem("otklik.skip") === "1");
const speed = Number(localStorage.getItem("otklik.speed"));
setSpeed(SPEEDS.includes(speed) ? speed : 1);
const moment = Number(address.searchParams.get("t"));
if (moment > 0) {
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) seek(moment);
  else audio.addEventListener("loadedmetadata", () => seek(moment), { once: true });
}
draw();
