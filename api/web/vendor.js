// Copies what the browser loads out of node_modules into ../static/vendor. Run by `npm run vendor` after `npm ci`.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const files = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "wavesurfer.js/dist/wavesurfer.esm.js": "wavesurfer.esm.js",
  "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
};
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(here("../static/vendor"), { recursive: true, force: true });
mkdirSync(here("../static/vendor"), { recursive: true });
for (const [from, to] of Object.entries(files)) cpSync(here(`node_modules/${from}`), here(`../static/vendor/${to}`));
console.log(`${Object.keys(files).length} files copied into api/static/vendor`);
