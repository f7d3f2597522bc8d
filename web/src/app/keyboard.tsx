/** Keys: "/" searches, "?" helps, "g m" goes to the market. Never while a person types. */

import { Modal } from "antd";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { useTexts } from "../i18n/use";
import { PAGES } from "./pages";

const GO_MS = 1_500;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function useKeys(onHelp: () => void): void {
  const navigate = useNavigate();
  const wentAt = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (Date.now() - wentAt.current < GO_MS) {
        wentAt.current = 0;
        const page = PAGES.find((found) => found.key === event.key);
        if (page) void navigate(page.path);
      } else if (event.key === "g") {
        wentAt.current = Date.now();
      } else if (event.key === "?") {
        onHelp();
      } else if (event.key === "/") {
        const field = document.querySelector<HTMLInputElement>("[data-search] input, input[data-search]");
        if (field) {
          event.preventDefault();
          field.focus();
        }
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, onHelp]);
}

export function KeysHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const rows: [string[], string][] = [
    [["/"], t("keys.search")],
    [["?"], t("keys.help")],
    [["Esc"], t("keys.close")],
    ...PAGES.map((page): [string[], string] => [["g", page.key], t("keys.goTo", { page: t(`nav.${page.text}`) })]),
  ];
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("shell.keys")} width={440}>
      <dl className="keys">
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{t("keys.note")}</p>
    </Modal>
  );
}
