/** The last way back when most members are gone for good: one goes on alone. Its API tells first what is at stake. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { api, got } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Danger } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useAct } from "../../parts/refusal";

export function Recover({ space, name, member, onClose }: { space: string; name: string; member: string; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const recovery = useQuery(ask.recovery(space, name, member));
  const title = t("service.recoverTitle", { member });
  const confirm = async (typed: string) => {
    const body = { member, configuration: recovery.data!.configuration, confirm: typed };
    const isDone = await act(title, () => got(api.POST("/api/v1/services/{space}/{name}/recover", { params: { path: { space, name } }, body })));
    // what was refused may have changed since it was looked at
    void client.invalidateQueries({ queryKey: isDone ? ["service", space, name] : ask.recovery(space, name, member).queryKey });
    return isDone;
  };
  return (
    <Danger open onClose={onClose} title={title} name={name} confirm={t("service.recover")} onConfirm={confirm} canGoOn={recovery.isSuccess}>
      <Alert type="warning" showIcon title={t("service.recoverWhat", { member })} />
      <Loaded query={recovery}>{(data) => <ul className="plain" lang="en">{data.sentences.map((one) => <li key={one}>{one}</li>)}</ul>}</Loaded>
    </Danger>
  );
}
