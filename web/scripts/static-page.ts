/**
 * Puts the script and the style of a build into `static.html`, with a policy that allows no others. The script is packed:
 * it is two thirds of a file.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import type { Plugin } from "vite";

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const read = (file: string) => readFileSync(path(file), "utf8");

/** Modules that others take the place of, by the end of their path. */
const ABSENT: readonly (readonly [RegExp, string])[] = [
  [/\/panels\/media\/over-steps\/grid-panel\.tsx$/, "absent-panel.tsx"],
  [/\/panels\/media\/layout-choice\.tsx$/, "absent-layout.ts"],
  [/\/panels\/media\/media-content\.tsx$/, "static-media.tsx"],
  [/\/panels\/media\/use-media-at-step\.ts$/, "use-last-media.ts"],
  [/\/panels\/[^.]*-settings\.tsx$/, "absent-settings.ts"],
  [/\/panels\/importance\/use-ranks\.ts$/, "use-ranks.ts"],
  [/\/panels\/comparer\/against-switch\.tsx$/, "absent-switch.tsx"],
  [/\/ui\/code\/colored-code\.tsx$/, "static-code.tsx"],
];
const PERHAPS_ABSENT =
  /panel|settings|media-content|layout-choice|use-media-at-step|against-switch|use-ranks|colored-code/;

/** Leaves out what a page without a server can't use, or what is too large for a file. */
export function withoutParts(): Plugin {
  return {
    name: "without-parts",
    enforce: "pre",
    async resolveId(source, importer, options) {
      if (source === "@tanstack/react-router") return path("src/app/static/no-router.tsx");
      if (!PERHAPS_ABSENT.test(source)) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      const [, other] = ABSENT.find(([pattern]) => resolved && pattern.test(resolved.id)) ?? [];
      return other ? path(`src/app/static/${other}`) : resolved;
    },
  };
}

export function onePage(): Plugin {
  return {
    name: "one-page",
    enforce: "post",
    generateBundle(_, bundle) {
      const files = Object.values(bundle);
      const [chunk] = files.filter((file) => file.type === "chunk");
      const [asset] = files.filter((file) => file.type === "asset");
      if (files.length !== 2 || !chunk || !asset?.fileName.endsWith(".css"))
        throw new Error(`more than a script and a style: ${files.map(({ fileName }) => fileName)}`);
      const theme = /<script>([\s\S]*?)<\/script>/.exec(read("index.html"))![1]!;
      const load = read("src/app/static/load.js");
      const { code } = chunk;
      const parts: Record<string, string> = {
        policy: `<meta http-equiv="Content-Security-Policy" content="${policyOf([theme, load, code])}" />`,
        style: `<style>${withoutFonts(String(asset.source))}</style>`,
        theme: `<script>${theme}</script>`,
        code: `<script type="text/plain" id="weft-code">${deflateRawSync(code, { level: 9 }).toString("base64")}</script>`,
        load: `<script>${load}</script>`,
      };
      const source = read("static.html").replaceAll(
        /<!-- (\w+) -->/g,
        (mark, name: string) => parts[name] ?? mark,
      );
      for (const { fileName } of files) delete bundle[fileName];
      this.emitFile({ type: "asset", fileName: "report.html", source });
    },
  };
}

function policyOf(scripts: readonly string[]): string {
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    // component libraries insert style elements, and a style can't run code
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The font of formulas is larger than the script: formulas are set in one of the system. */
function withoutFonts(css: string): string {
  return css.replaceAll(/@font-face\s*\{[^}]*\}/g, (face) => (face.length > LARGEST_FONT ? "" : face));
}

const LARGEST_FONT = 100_000;
