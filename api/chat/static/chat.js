// The visitor's side of the chat: shows what the socket says, as text and never as markup, and sends what is typed.

const { language, mine, robot, connecting, lost, ended, person, unsent } = document.body.dataset;
const byId = (id) => document.getElementById(id);
const [main, lines, typing, state, chips, composer, field] =
  ["main", "lines", "typing", "state", "suggestions", "composer", "text"].map(byId);
const HOUR = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const SECRET = "otklik_visitor";
const LAST_WAIT = 30_000; // milliseconds between tries to connect, at most

let socket = null;
let ready = false;
let wait = 500;
let memory = ""; // where the browser lets frames keep nothing
const unanswered = new Map(); // id → { text, node }: sent again after a broken connection, under the same id

const secret = {
  read() { try { return localStorage.getItem(SECRET) ?? memory; } catch { return memory; } },
  keep(value) { memory = value; try { localStorage.setItem(SECRET, value); } catch { /* until the page is left */ } },
};

function source() {
  const address = new URLSearchParams(location.search);
  return (address.get("source") ?? address.get("utm_source") ?? "").slice(0, 64);
}

function tell(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("bad", bad);
}

function toEnd() { main.scrollTop = main.scrollHeight; }

function show(text, isMine, at = new Date()) {
  const node = document.createElement("div");
  node.className = isMine ? "line mine" : "line";
  if (lines.lastElementChild?.classList.contains("mine") !== isMine) node.classList.add("turn-start");
  const who = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: `${isMine ? mine : robot}: ` });
  const time = Object.assign(document.createElement("time"), { dateTime: at.toISOString(), textContent: HOUR.format(at) });
  node.append(who, text, time);
  lines.append(node);
  toEnd();
  return node;
}

function offer(texts) {
  chips.replaceChildren(...texts.map((text) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    button.addEventListener("click", () => { say(text); field.focus(); });
    return button;
  }));
  toEnd();
}

function settle(id) {
  const sent = unanswered.get(id);
  unanswered.delete(id);
  typing.hidden = true;
  sent?.node.classList.remove("waiting");
  return sent;
}

const told = {
  welcome({ visitor, messages, suggestions, ended: over }) {
    secret.keep(visitor);
    [ready, wait] = [true, 500];
    byId("person").disabled = false;
    tell(over ? ended : "");
    typing.hidden = true;
    lines.replaceChildren();
    for (const { id, text, mine: isMine, at } of messages) {
      unanswered.delete(id); // answered already, only the answer got lost
      show(text, isMine, new Date(at));
    }
    for (const [id, sent] of unanswered) {
      lines.append(sent.node);
      transmit(id, sent.text);
    }
    offer(unanswered.size ? [] : suggestions);
  },
  typing() { typing.hidden = false; toEnd(); },
  said({ id, texts, suggestions, ended: over }) {
    if (!settle(id)) return; // answered once already
    for (const text of texts) show(text, false);
    offer(suggestions);
    tell(over ? ended : "");
  },
  refused({ id, text }) {
    const sent = settle(id);
    if (!sent) return;
    sent.node.classList.add("failed");
    sent.node.append(Object.assign(document.createElement("span"), { className: "why", role: "alert", textContent: text }));
    if (!field.value) field.value = sent.text; // to be mended, or sent again
    toEnd();
  },
  down({ text }) { tell(text, true); wait = LAST_WAIT; },
};

function connect() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(`${scheme}//${location.host}/chat/${language}`);
  socket = opened;
  opened.addEventListener("open", () => opened.send(JSON.stringify({ type: "hello", visitor: secret.read(), source: source() })));
  opened.addEventListener("message", (event) => { const body = JSON.parse(event.data); told[body.type]?.(body); });
  opened.addEventListener("close", (event) => {
    ready = false;
    typing.hidden = true;
    if (event.code === 1000 && !unanswered.size) { socket = null; return; } // asleep until something is written
    if (!state.classList.contains("bad")) tell(unanswered.size ? unsent : lost);
    setTimeout(connect, wait);
    wait = Math.min(2 * wait, LAST_WAIT);
  });
}

function transmit(id, text) {
  if (ready) socket.send(JSON.stringify({ type: "say", id, text }));
  else connect();
}

function newId() { return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(""); }

function say(text) {
  const id = newId();
  const node = show(text, true);
  node.classList.add("waiting");
  unanswered.set(id, { text, node });
  offer([]);
  transmit(id, text);
}

function send() {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  say(text);
}

composer.addEventListener("submit", (event) => { event.preventDefault(); send(); });
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
byId("person").addEventListener("click", () => { say(person); field.focus(); });
// another tab may have written meanwhile
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  if (!ready) connect();
  else if (!unanswered.size) socket.send(JSON.stringify({ type: "look" }));
});
tell(connecting);
connect();
field.focus({ preventScroll: true });
