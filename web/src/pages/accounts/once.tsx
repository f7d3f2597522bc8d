import { Alert, Modal } from "antd";
import { useTexts } from "../../i18n/use";
import { Code } from "../../parts/copy";

/** A secret that is never shown again. */
export function Once({ open, onClose, what, secret }: { open: boolean; onClose: () => void; what: string; secret: string }) {
  const { t } = useTexts();
  return (
    <Modal open={open} onCancel={onClose} onOk={onClose} okText={t("common.close")} cancelButtonProps={{ hidden: true }} title={t("common.copy")} closable={false} mask={{ closable: false }} destroyOnHidden>
      <div className="stack"><Alert type="warning" showIcon title={what} /><Code label={t("common.password")} text={secret} /></div>
    </Modal>
  );
}
