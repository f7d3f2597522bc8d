import react from "@vitejs/plugin-react";
import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = process.env.MOORAGE_WEB_OUT ?? "dist";
const NONCE = "bm9uY2U";
/** As moorage.server.headers has it, so that what it forbids shows here already. */
const POLICY = `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${NONCE}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`;
/** A path before ours, to see that pages work behind one. */
const PREFIX = process.env.MOORAGE_PREFIX ?? "";

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

export default defineConfig({
  // relative to <base href>, so that one build works behind any path
  base: "./",
  plugins: [react(), asTheServer()],
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
