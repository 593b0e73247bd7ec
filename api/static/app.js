// What every page has: messages, theme, time zone, help, search key, rows by keyboard, quiet refreshing of the list.

const YEAR = 365 * 24 * 3600;

export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => toast.classList.remove("shown"), 3000);
}

export async function copy(text, done = document.body.dataset.copied) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // pages served without TLS to other machines have no clipboard of their own
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(done);
}

/** Whether a key press belongs to what has the focus and not to the page. */
export function isTyping(event) {
  const target = event.target;
  return (
    event.ctrlKey || event.metaKey || event.altKey || event.isComposing ||
    document.querySelector("dialog[open]") !== null ||
    target.isContentEditable || target.matches("input, textarea, select")
  );
}

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) remember("otklik_zone", zone);
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  remember("otklik_theme", root.dataset.theme);
  document.dispatchEvent(new Event("themechange"));
}

function moveRow(step) {
  const rows = [...document.querySelectorAll(".list a.open")];
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, here + step))].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("input[type=search]")) event.target.blur();
  if (isTyping(event)) return;
  const search = document.getElementById("q") ?? document.getElementById("find");
  const inRow = document.activeElement.matches(".list a.open");
  // keys are places on the keyboard: they work in the Russian layout too
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
    document.getElementById("help")?.showModal();
  } else if ((event.key === "/" || event.code === "Slash") && search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.code === "KeyJ" || (event.key === "ArrowDown" && inRow)) {
    if (inRow) event.preventDefault();
    moveRow(1);
  } else if (event.code === "KeyK" || (event.key === "ArrowUp" && inRow)) {
    if (inRow) event.preventDefault();
    moveRow(-1);
  }
});

// on the document, because Back replaces what is in it
document.addEventListener("click", (event) => {
  if (event.target.closest("#help-open")) document.getElementById("help").showModal();
  else if (event.target.closest("#theme")) toggleTheme();
});
rememberZone();

// addresses of the list carry only what filters
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "filters") return;
  for (const [name, value] of Object.entries(event.detail.parameters)) if (!value) delete event.detail.parameters[name];
});
document.addEventListener("htmx:responseError", () => say(document.body.dataset.failed));
document.addEventListener("htmx:sendError", () => say(document.body.dataset.unreachable));
// the call has ended, or its transcript is there: show it, but do not cut off who is listening
document.addEventListener("callMovedOn", () => {
  const sound = document.querySelector("audio");
  if (!sound || sound.paused) location.reload();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

// new calls appear by themselves while the list is watched and nobody is working in it
setInterval(() => {
  const list = document.getElementById("calls");
  const free = list && !list.contains(document.activeElement) && getSelection().isCollapsed;
  if (free && document.visibilityState === "visible") window.htmx?.trigger(list, "refresh");
}, 5000);
