import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { Refusal } from "../../api/client";
import { useAct } from "../../parts/refusal";

/** Does it, says so, and asks again. */
export function useChange(...keys: QueryKey[]) {
  const act = useAct();
  const client = useQueryClient();
  return async (what: string, call: () => Promise<unknown>) => {
    const isDone = await act(what, call);
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
    return isDone;
  };
}

/** Whether it is not for this person. */
export const isForbidden = (error: unknown) => error instanceof Refusal && error.code === "forbidden";
