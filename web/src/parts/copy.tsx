/** Copies; where the browser has no clipboard (no https), it says so instead of doing nothing. */

import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useTexts } from "../i18n/use";
import { useRefusal } from "./refusal";

/** A text, or how it is asked for when somebody copies it. */
export type Copied = string | (() => Promise<string>);

/** Throws what asking for the text threw. */
async function copied(text: string | Promise<string>): Promise<boolean> {
  try {
    // a browser lets a page write only at once after a click: what is still to come is promised to it then
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then((one) => new Blob([one], { type: "text/plain" })) })]);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = await text;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CopyButton({ text, label, size = "small", children }: { text: Copied; label?: string; size?: "small" | "middle"; children?: string }) {
  const { t } = useTexts();
  const say = useRefusal();
  const { message } = App.useApp();
  const [isDone, setIsDone] = useState(false);
  const onClick = async () => {
    try {
      if (await copied(typeof text === "string" ? text : text())) {
        setIsDone(true);
        setTimeout(() => setIsDone(false), 2_000);
      } else void message.error(t("common.copyFailed"));
    } catch (error) {
      void message.error(say(error), 8);
    }
  };
  return (
    <Button size={size} type={children ? "default" : "text"} icon={isDone ? <CheckOutlined /> : <CopyOutlined />} aria-label={label ?? children ?? t("common.copy")} onClick={() => void onClick()}>
      {children && (isDone ? t("common.copied") : children)}
    </Button>
  );
}

/** `wraps`: one long line, to be read whole. What is copied may be asked for first, and then something else is shown. */
export function Code({ text, shown, label, wraps = false }: { label: string; wraps?: boolean } & ({ text: string; shown?: string } | { text: Copied; shown: string })) {
  const { t } = useTexts();
  return (
    <div className={wraps ? "code wraps" : "code"}>
      <pre tabIndex={0} aria-label={label}>{shown ?? String(text)}</pre>
      <CopyButton text={text} label={`${t("common.copy")}: ${label}`} />
    </div>
  );
}
