// Shows the chat on any site: <script type="module" src="https://…/widget.js?language=ru"></script>
// A button in the corner and a frame; nothing of the site is read but its address's utm_source.

const own = new URL(import.meta.url);
const language = own.searchParams.get("language") ?? document.documentElement.lang.slice(0, 2);
const words = language === "en" ? { open: "Chat with us", close: "Close the chat" } : { open: "Написать нам", close: "Закрыть чат" };
const here = new URLSearchParams(location.search);
const source = own.searchParams.get("source") ?? here.get("source") ?? here.get("utm_source") ?? "";

const page = new URL("/chat", own);
page.searchParams.set("language", language);
if (source) page.searchParams.set("source", source.slice(0, 64));

// set one by one: a site's policy may forbid style attributes
const dress = (node, style) => Object.entries(style).forEach(([name, value]) => node.style.setProperty(name, value));

const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.open });
button.setAttribute("aria-expanded", "false");
dress(button, {
  position: "fixed", right: "16px", bottom: "16px", "z-index": "2147483646", padding: "12px 20px", border: "0", "border-radius": "24px",
  font: "600 15px/24px system-ui, sans-serif", color: "#fff", background: "#1d5bd1", "box-shadow": "0 4px 16px rgb(0 0 0 / .25)", cursor: "pointer",
});
let frame = null;

button.addEventListener("click", () => {
  if (!frame) {
    frame = Object.assign(document.createElement("iframe"), { src: page.href, title: words.open });
    dress(frame, {
      position: "fixed", right: "16px", bottom: "80px", "z-index": "2147483646", width: "min(400px, calc(100vw - 32px))",
      height: "min(640px, calc(100vh - 112px))", border: "1px solid rgb(0 0 0 / .2)", "border-radius": "12px", background: "#fff",
      "box-shadow": "0 8px 32px rgb(0 0 0 / .25)", display: "none",
    });
    document.body.append(frame);
  }
  const shown = frame.style.getPropertyValue("display") === "none";
  frame.style.setProperty("display", shown ? "block" : "none");
  button.textContent = shown ? words.close : words.open;
  button.setAttribute("aria-expanded", String(shown));
  if (shown) frame.focus();
});
document.body.append(button);
