/** Which passwords a service has that comes back as a new one. */

import { Form, Radio } from "antd";
import { useTexts } from "../i18n/use";
import type { NoOldPasswords } from "../text/passwords";
import { useWhyNot, type May } from "./may";

interface Props { keeps: boolean; onChange: (keeps: boolean) => void; whyNew: NoOldPasswords | undefined; may: May | undefined; service: string }

export function Passwords({ keeps, onChange, whyNew, may, service }: Props) {
  const { t } = useTexts();
  const whyNot = useWhyNot();
  const why = whyNew ? t(`backup.passwordsNone.${whyNew}`) : may?.allowed === false ? whyNot(may) : "";
  return (
    <Form.Item label={t("backup.passwords")} extra={<>{keeps ? t("backup.passwordsOldWhat") : t("backup.passwordsNewWhat", { secret: `${service}-app` })}{why && <div>{why}</div>}</>}>
      <Radio.Group aria-label={t("backup.passwords")} value={keeps} onChange={(event) => onChange(event.target.value as boolean)} options={[{ value: false, label: t("backup.passwordsNew") }, { value: true, label: t("backup.passwordsOld"), disabled: why !== "" }]} />
    </Form.Item>
  );
}

/** Whether the old ones are both wanted and to be had. */
export const areKept = (wants: boolean, whyNew: NoOldPasswords | undefined, may: May | undefined) => wants && !whyNew && (may?.allowed ?? true);
