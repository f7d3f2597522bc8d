/** A backup's archive: by the browser where the store is reached so, and by hand. */

import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Modal } from "antd";
import { base, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Code } from "../../parts/copy";
import { downloading } from "../../text/commands";

export function Download({ backup, onClose }: { backup: Schemas["BackupRow"]; onClose: () => void }) {
  const { t } = useTexts();
  const stores = useQuery(ask.stores());
  const store = stores.data?.items.find((one) => one.namespace === backup.namespace && one.name === backup.store);
  const isFolder = store?.kind === "FileSystem";
  return (
    <Modal open onCancel={onClose} footer={null} title={t("backup.downloadHow")}>
      <div className="stack">
        {isFolder ? <Alert type="info" showIcon title={t("backup.downloadFolder")} /> : (
          <div><Button type="primary" href={`${base}/api/v1/backups/${backup.namespace}/${backup.name}/archive`} download>{t("backup.downloadHere")}</Button></div>
        )}
        {!isFolder && <p>{t("backup.downloadWhat")}</p>}
        <Code label={t("backup.backupName")} text={backup.storedName ?? backup.name} />
        <Code label="moorage" text={downloading(backup)} />
        {backup.sha256 && <p className="quiet wrap">SHA-256 <code>{backup.sha256}</code></p>}
      </div>
    </Modal>
  );
}
