// Copies the documents that docs/README.md lists, with the pictures and scripts that they link, to where
// the server serves them. Paths stay as in the repository, so that links between the files hold; scripts
// become texts, which browsers show and Python's tools do not take for parts of the package.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;
const OUT = join(ROOT, "src/weft/server/web");
const LINK = /\]\(([^)#\s]+)/g;

const files = new Set(["docs/README.md"]);
for (const document of files) {
  if (!document.endsWith(".md")) continue;
  for (const [, target] of readFileSync(join(ROOT, document), "utf8").matchAll(LINK)) {
    if (target.includes("://")) continue;
    const path = join(dirname(document), target);
    // what a document links is in the list itself: tests/docs/test_documents_site.py
    if (path.endsWith(".md") && document !== "docs/README.md") continue;
    files.add(path);
    // each picture is there in both themes
    files.add(path.replace("-light-", "-dark-"));
  }
}
for (const path of files) {
  const copy = join(OUT, path.endsWith(".py") ? `${path}.txt` : path);
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(join(ROOT, path), copy);
}

// https://llmstxt.org: the same list for programs
const contents = readFileSync(join(ROOT, "docs/README.md"), "utf8");
const groups = contents.slice(contents.indexOf("## ")).replaceAll(LINK, (_, target) => `](docs/${target}`);
const about =
  "Open, self-hosted experiment tracking. These are the documents of this server's version, as Markdown.";
writeFileSync(join(OUT, "llms.txt"), `# weft\n\n> ${about}\n\n${groups}`);
console.log(`documents: ${files.size} files`);
