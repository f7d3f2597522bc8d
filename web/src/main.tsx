import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Refusal } from "./api/client";
import { Look } from "./app/look";
import { giveStylesTheNonce } from "./app/nonce";
import { Console } from "./app/console";
import { startLanguages } from "./i18n";
import { basename } from "./text/names";
import "./style.css";

giveStylesTheNonce();
startLanguages();

/** When the session is over, the sign-in page shows at the same address. */
function onRefusal(error: Error): void {
  const isOver = error instanceof Refusal && error.code === "sign-in-needed";
  if (isOver && client.getQueryData(["session"])) void client.resetQueries({ queryKey: ["session"] });
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onRefusal }),
  mutationCache: new MutationCache({ onError: onRefusal }),
  defaultOptions: {
    queries: {
      // the event stream tells of changes; no polling
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof Refusal && (error.status >= 500 || error.code === "network"),
    },
  },
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <BrowserRouter basename={basename(document.baseURI)}>
        <Look>
          <Console />
        </Look>
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
