/** The service as YAML: what would change is shown before it does. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { CopyButton } from "../../parts/copy";
import { DeedButton } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useAct, useRefusal } from "../../parts/refusal";
import type { Detail } from "./index";

export function Yaml({ detail }: { detail: Detail }) {
  const { service } = detail;
  const manifest = useQuery(ask.manifest(service.namespace, service.name));
  return <Loaded query={manifest}>{(data) => <Editor detail={detail} kept={data.yaml} />}</Loaded>;
}

function Editor({ detail: { service, may }, kept }: { detail: Detail; kept: string }) {
  const { t } = useTexts();
  const act = useAct();
  const say = useRefusal();
  const client = useQueryClient();
  const [text, setText] = useState(kept);
  const [change, setChange] = useState<Schemas["ManifestChange"] | null>(null);
  const [refused, setRefused] = useState("");
  const params = { path: { space: service.namespace, name: service.name } };
  const edit = (next: string) => {
    setText(next);
    setChange(null);
    setRefused("");
  };
  const check = async () => {
    try {
      setChange(await got(api.PUT("/api/v1/services/{space}/{name}/manifest", { params: { ...params, query: { dryRun: true } }, body: { yaml: text } })));
      setRefused("");
    } catch (error) {
      setRefused(say(error));
    }
  };
  const apply = async () => {
    if (!(await act(t("yaml.apply"), () => got(api.PUT("/api/v1/services/{space}/{name}/manifest", { params, body: { yaml: text } }))))) return;
    setChange(null);
    void client.invalidateQueries({ queryKey: ["manifest", service.namespace, service.name] });
  };
  return (
    <section className="card stack">
      <div className="row">
        <DeedButton may={may.change} disabled={text === kept} onClick={() => void check()}>{t("yaml.check")}</DeedButton>
        <DeedButton may={may.change} type="primary" disabled={!change?.diff} onClick={() => void apply()}>{t("yaml.apply")}</DeedButton>
        <Button disabled={text === kept} onClick={() => edit(kept)}>{t("yaml.reset")}</Button>
        <CopyButton text={text} size="middle">{t("common.copy")}</CopyButton>
      </div>
      {refused && <Alert type="error" showIcon title={refused} />}
      {change && (change.diff ? <Difference diff={change.diff} /> : <Alert type="info" showIcon title={t("yaml.noChange")} />)}
      <textarea className="editor" rows={28} spellCheck={false} aria-label={t("yaml.text")} value={text} readOnly={may.change?.allowed === false} onChange={(event) => edit(event.target.value)} />
    </section>
  );
}

function Difference({ diff }: { diff: string }) {
  const { t } = useTexts();
  const kind = (line: string) => (line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "");
  return (
    <div className="code diff"><pre tabIndex={0} aria-label={t("yaml.difference")}>{diff.split("\n").map((line, index) => <div key={index} className={kind(line)}>{line}</div>)}</pre></div>
  );
}
