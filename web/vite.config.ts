import react from "@vitejs/plugin-react";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = process.env.MOORAGE_WEB_OUT ?? "dist";
const NONCE = "bm9uY2U";
/** As moorage.server.headers has it, so that what it forbids shows here already. */
const POLICY = `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${NONCE}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`;
/** A path before ours, to see that pages work behind one. */
const PREFIX = process.env.MOORAGE_PREFIX ?? "";
/** What shrinks by less than a tenth is sent as it is. */
const WORTH = 0.9;

/** `npm run dev` and `npm run preview` without a server or a cluster: fixtures answer. Never part of a build. */
function asTheServer(): Plugin {
  return {
    name: "moorage-as-the-server",
    transformIndexHtml: { order: "pre", handler: (html, context) => (context.server ? html.replace("%BASE%", "/").replace("%NONCE%", NONCE) : html) },
    async configureServer(server) {
      const { answer } = await import("./dev/server");
      server.middlewares.use("/api/v1", (request, response) => void answer(request, response));
    },
    async configurePreviewServer(server) {
      const { answer } = await import("./dev/server");
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "/").replace(PREFIX, "") || "/";
        request.url = path;
        if (path.startsWith("/api/v1")) {
          request.url = path.slice("/api/v1".length);
          void answer(request, response);
        } else if (/\.\w+$/.test(path.split("?")[0]!)) next();
        else void readFile(`${OUT}/index.html`, "utf8").then((html) => {
          response.setHeader("Content-Security-Policy", POLICY);
          response.setHeader("Content-Type", "text/html");
          response.end(html.replace("%BASE%", `${PREFIX}/`).replace("%NONCE%", NONCE));
        });
      });
    },
  };
}

/** Beside each file that shrinks, what the server sends to browsers that take it: compressed once, and as small as it gets. */
function compressed(): Plugin {
  return {
    name: "moorage-compressed",
    apply: "build",
    async closeBundle() {
      for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|json)$/.test(entry.name)) continue;
        const path = `${entry.parentPath}/${entry.name}`;
        const body = await readFile(path);
        for (const [ending, shrink] of [["br", promisify(brotliCompress)], ["gz", promisify(gzip)]] as const) {
          const small = await shrink(body);
          if (small.length < body.length * WORTH) await writeFile(`${path}.${ending}`, small);
        }
      }
    },
  };
}

export default defineConfig({
  // relative to <base href>, so that one build works behind any path
  base: "./",
  plugins: [react(), asTheServer(), compressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    // the policy allows no data: script and no inline one
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_200,
  },
  test: { environment: "node", include: ["test/**/*.test.ts"] },
});
