/** Dialogs that say what will happen before it does. */

import { Alert, Button, Input, Modal, Tooltip, type ButtonProps } from "antd";
import { useEffect, useId, useState, type ReactNode } from "react";
import { useTexts } from "../i18n/use";
import { useWhyNot, type May } from "./may";

/** A button that is not allowed is disabled and says why. */
export function DeedButton({ may, ...rest }: ButtonProps & { may: May | undefined }) {
  const whyNot = useWhyNot()(may);
  if (!may || may.allowed) return <Button {...rest} />;
  return <Tooltip title={whyNot}><span tabIndex={0} role="note" aria-label={whyNot}><Button {...rest} disabled /></span></Tooltip>;
}

interface DangerProps {
  open: boolean; title: string; name: string; confirm: string; onClose: () => void; children: ReactNode; canGoOn?: boolean;
  onConfirm: (typed: string) => Promise<boolean>;
}

/** The name has to be typed; it can be selected with one click, to be copied. */
export function Danger({ open, title, name, confirm, onClose, onConfirm, children, canGoOn = true }: DangerProps) {
  const { t } = useTexts();
  const [typed, setTyped] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const field = useId();
  const [before, after] = t("common.typeName", { name: "\n" }).split("\n");
  useEffect(() => setTyped(""), [open]);
  const go = async () => {
    setIsBusy(true);
    if (await onConfirm(typed)) onClose();
    setIsBusy(false);
  };
  return (
    <Modal
      open={open} title={title} onCancel={onClose} okText={confirm} cancelText={t("common.cancel")} onOk={() => void go()} confirmLoading={isBusy}
      okButtonProps={{ danger: true, disabled: typed !== name || !canGoOn }} destroyOnHidden
    >
      <div className="stack">
        {children}
        <label htmlFor={field}>{before}<code className="all">{name}</code>{after}</label>
        <Input id={field} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
      </div>
    </Modal>
  );
}

interface AskProps { open: boolean; title: string; what: string; confirm: string; onClose: () => void; onConfirm: () => Promise<boolean>; children?: ReactNode; isDanger?: boolean }

/** Says what it will do, and does it. */
export function Ask({ open, title, what, confirm, onClose, onConfirm, children, isDanger = false }: AskProps) {
  const { t } = useTexts();
  const [isBusy, setIsBusy] = useState(false);
  const go = async () => {
    setIsBusy(true);
    if (await onConfirm()) onClose();
    setIsBusy(false);
  };
  return (
    <Modal open={open} title={title} onCancel={onClose} okText={confirm} cancelText={t("common.cancel")} onOk={() => void go()} confirmLoading={isBusy} okButtonProps={{ danger: isDanger }} destroyOnHidden>
      <div className="stack"><Alert type={isDanger ? "warning" : "info"} showIcon title={what} />{children}</div>
    </Modal>
  );
}
