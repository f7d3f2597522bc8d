/** The API, typed by its own document. Throws `Refusal` with what the server said. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
type Problem = Schemas["Problem"];
/** "network": nobody answered. */
export type RefusalCode = Problem["code"] | "network";

export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
    readonly params: Record<string, string> = {},
    readonly causes: Problem["causes"] = [],
    readonly status = 0,
  ) {
    super(detail);
  }
}

/** An address of the API that the browser itself goes to; one that the API does not have is an error of the compiler. */
export const address = (path: keyof paths): string => `${base}${path}`;

export const base = document.baseURI.replace(/\/$/, "");
export const api = createClient<paths>({ baseUrl: base, credentials: "same-origin" });

let csrf = "";
export function rememberCsrf(token: string): void {
  csrf = token;
}

api.use({
  onRequest({ request }) {
    if (request.method !== "GET" && csrf) request.headers.set("X-Moorage-CSRF", csrf);
    return request;
  },
});

interface Answer<T> { data?: T; error?: unknown; response: Response }

/** What came, or a thrown `Refusal`. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new Refusal("network", error instanceof Error ? error.message : String(error));
  }
  if (answer.response.ok) return answer.data as T;
  throw refusal(answer.error, answer.response.status);
}

function refusal(said: unknown, status: number): Refusal {
  if (typeof said === "object" && said !== null && "code" in said) {
    const problem = said as Problem;
    return new Refusal(problem.code, problem.detail, problem.params, problem.causes, status);
  }
  return new Refusal(status >= 502 ? "network" : "internal", `HTTP ${status}`, {}, [], status);
}
