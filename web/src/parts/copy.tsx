/** Copies; where the browser has no clipboard (no https), it says so instead of doing nothing. */

import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useTexts } from "../i18n/use";

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CopyButton({ text, label, size = "small", children }: { text: string; label?: string; size?: "small" | "middle"; children?: string }) {
  const { t } = useTexts();
  const { message } = App.useApp();
  const [isDone, setIsDone] = useState(false);
  const onClick = async () => {
    if (await copied(text)) {
      setIsDone(true);
      setTimeout(() => setIsDone(false), 2_000);
    } else void message.error(t("common.copyFailed"));
  };
  return (
    <Button size={size} type={children ? "default" : "text"} icon={isDone ? <CheckOutlined /> : <CopyOutlined />} aria-label={label ?? children ?? t("common.copy")} onClick={() => void onClick()}>
      {children && (isDone ? t("common.copied") : children)}
    </Button>
  );
}

/** `wraps`: one long line, to be read whole. */
export function Code({ text, shown, label, wraps = false }: { text: string; shown?: string; label: string; wraps?: boolean }) {
  return (
    <div className={wraps ? "code wraps" : "code"}>
      <pre tabIndex={0} aria-label={label}>{shown ?? text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
