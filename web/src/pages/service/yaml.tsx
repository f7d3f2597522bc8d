/** The service as YAML: what would change is shown before it does. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Code, CopyButton } from "../../parts/copy";
import { DeedButton } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { useAct, useRefusal } from "../../parts/refusal";
import type { Detail } from "./index";

const ROWS_MIN = 10;
const ROWS_MAX = 40;

export function Yaml({ detail }: { detail: Detail }) {
  const { service } = detail;
  const manifest = useQuery(ask.manifest(service.namespace, service.name));
  return <Loaded query={manifest}>{(data) => <Editor detail={detail} kept={data} />}</Loaded>;
}

function Editor({ detail: { service, may }, kept }: { detail: Detail; kept: Schemas["ManifestText"] }) {
  const { t } = useTexts();
  const act = useAct();
  const say = useRefusal();
  const whyNot = useWhyNot();
  const client = useQueryClient();
  /** What the person wrote, and out of which version of the service; null: nothing yet. */
  const [draft, setDraft] = useState<{ text: string; version: string } | null>(null);
  const [showsStatus, setShowsStatus] = useState(false);
  const text = draft?.text ?? kept.yaml;
  const [change, setChange] = useState<Schemas["ManifestChange"] | null>(null);
  const [refused, setRefused] = useState("");
  const params = { path: { space: service.namespace, name: service.name } };
  const body = { yaml: text, version: draft?.version ?? kept.version };
  const edit = (next: string | null) => {
    setDraft(next === null || next === kept.yaml ? null : { text: next, version: draft?.version ?? kept.version });
    setChange(null);
    setRefused("");
  };
  const check = async () => {
    try {
      setChange(await got(api.PUT("/api/v1/services/{space}/{name}/manifest", { params: { ...params, query: { dryRun: true } }, body })));
      setRefused("");
    } catch (error) {
      setRefused(say(error));
    }
  };
  const apply = async () => {
    if (!(await act(t("yaml.apply"), () => got(api.PUT("/api/v1/services/{space}/{name}/manifest", { params, body }))))) return;
    setChange(null);
    setDraft(null);
    void client.invalidateQueries({ queryKey: ["manifest", service.namespace, service.name] });
  };
  return (
    <section className="card stack">
      <div className="row">
        <DeedButton may={may.change} disabled={draft === null} onClick={() => void check()}>{t("yaml.check")}</DeedButton>
        <DeedButton may={may.change} type="primary" disabled={!change?.diff} onClick={() => void apply()}>{t("yaml.apply")}</DeedButton>
        <Button disabled={draft === null} onClick={() => edit(null)}>{t("yaml.reset")}</Button>
        <CopyButton text={text} size="middle">{t("common.copy")}</CopyButton>
        <Checkbox checked={showsStatus} onChange={(event) => setShowsStatus(event.target.checked)}>{t("yaml.withStatus")}</Checkbox>
      </div>
      {may.change?.allowed === false && <Alert type="info" showIcon title={t("yaml.readOnly")} description={whyNot(may.change)} />}
      {draft && draft.version !== kept.version && <Alert type="warning" showIcon title={t("yaml.changedMeanwhile")} />}
      {refused && <Alert type="error" showIcon title={refused} />}
      {change && (change.diff ? <Difference diff={change.diff} /> : <Alert type="info" showIcon title={t("yaml.noChange")} />)}
      <textarea className="editor" rows={Math.min(ROWS_MAX, Math.max(ROWS_MIN, text.split("\n").length + 1))} spellCheck={false} aria-label={t("yaml.text")} value={text} readOnly={may.change?.allowed === false} onChange={(event) => edit(event.target.value)} />
      {showsStatus && <Code label={t("yaml.status")} text={kept.status} />}
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
