/** A form's refused values, each beside its field. */

import type { FormInstance } from "antd";
import { useCallback, useRef, useState } from "react";
import { Refusal } from "../api/client";
import { useTexts } from "../i18n/use";
import { placed, type Place } from "../text/causes";
import type { ParameterRow } from "../text/wish";
import { useRefusal } from "./refusal";

interface Refused {
  /** What no field stands for; empty when there is nothing of it. */
  rest: string;
  /** Shows what an error says, instead of what was shown; gives the fields that it is of, the first on the page first. */
  show: (error: unknown) => Place[];
  clear: () => void;
}

type Marked = ReturnType<typeof placed>["beside"];

export function useRefused<Values>(form: FormInstance<Values>): Refused {
  const { t } = useTexts();
  const say = useRefusal();
  const marked = useRef<Marked>([]);
  const [rest, setRest] = useState("");
  const mark = useCallback((next: Marked) => {
    // what the page itself says of a value stays
    const isOurs = ({ place, sentences }: Marked[number]) => String(form.getFieldError(place as never)) === String(sentences);
    form.setFields(marked.current.filter(isOurs).map(({ place }) => ({ name: place as never, errors: [] })));
    marked.current = next.filter(({ place }) => form.getFieldError(place as never).length === 0);
    form.setFields(marked.current.map(({ place, sentences }) => ({ name: place as never, errors: sentences })));
  }, [form]);
  const clear = useCallback(() => {
    mark([]);
    setRest("");
  }, [mark]);
  const show = useCallback((error: unknown) => {
    const told = error instanceof Refusal ? error.causes : [];
    const causes = told.map((one) => (one.wrong ? { ...one, message: t(`wrong.${one.wrong}`) } : one));
    const found = placed(causes, form.getFieldsError().map((field) => field.name), (form.getFieldValue("parameters" as never) as ParameterRow[] | undefined) ?? []);
    mark(found.beside);
    const isWhole = found.beside.length === 0 || !(error instanceof Refusal);
    setRest(isWhole ? say(error) : found.rest.length > 0 ? `${t(`problem.${error.code}`, {} as never)} ${found.rest.join("; ")}` : "");
    return found.beside.map((one) => one.place);
  }, [form, mark, say, t]);
  return { rest, show, clear };
}
