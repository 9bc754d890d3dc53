// Mermaid's own parser on files: node mermaid.mjs FILE..., beside a node_modules with mermaid and jsdom.
import fs from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

let refused = 0;
for (const file of process.argv.slice(2)) {
  try {
    await mermaid.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    refused++;
    console.error(`${file}: ${error.message}`);
  }
}
process.exit(refused ? 1 : 0);
