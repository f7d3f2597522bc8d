/** Where and as whom, and how from each language. */

import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented, Tabs } from "antd";
import { useState } from "react";
import { ask } from "../api/queries";
import type { Schemas } from "../api/client";
import { useTexts } from "../i18n/use";
import { LANGUAGES, MASK, masked, snippet } from "../text/snippets";
import { Code, CopyButton } from "./copy";
import { Loaded } from "./loaded";

export function ConnectionPanel({ space, name, may }: { space: string; name: string; may?: Schemas["DeedView"] }) {
  const { t } = useTexts();
  const isAllowed = may?.allowed ?? true;
  const connection = useQuery({ ...ask.connection(space, name), enabled: isAllowed });
  return (
    <section className="card" aria-label={t("service.connection")}>
      <h2>{t("service.connection")}</h2>
      {isAllowed ? <Loaded query={connection}>{(data) => <Panel data={data} />}</Loaded> : <Alert type="info" showIcon title={t("service.connectionForbidden")} description={may?.whyNot} />}
    </section>
  );
}

function Panel({ data }: { data: Schemas["Connection"] }) {
  const { t } = useTexts();
  const [shows, setShows] = useState(false);
  const [isInside, setIsInside] = useState(false);
  const { username = "", password = "", type = "", uri: inside = "", "direct-uri": direct } = data.entries;
  // the one leads to each member by names that only the cluster knows, the other through the address from everywhere
  const hasBoth = data.isReachableFromOutside && direct !== undefined;
  const uri = hasBoth && !isInside ? direct : inside;
  const ca = data.entries["ca.crt"];
  const address = `${data.host ?? ""}:${data.port ?? ""}`;
  const cover = (text: string) => (shows ? text : masked(text, password));
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{t("common.address")}</dt>
        <dd>{data.host ? <><code>{address}</code> <CopyButton text={address} label={`${t("common.copy")}: ${t("common.address")}`} /><div className="quiet">{data.isReachableFromOutside ? t("service.reachable") : t("service.inside")}</div></> : "–"}</dd>
        <dt>{t("common.user")}</dt><dd><code>{username || "–"}</code> {username && <CopyButton text={username} label={`${t("common.copy")}: ${t("common.user")}`} />}</dd>
        <dt>{t("common.password")}</dt>
        <dd>
          <code>{shows ? password : MASK}</code>{" "}
          <Button size="small" type="text" icon={shows ? <EyeInvisibleOutlined /> : <EyeOutlined />} aria-label={`${shows ? t("common.hide") : t("common.show")}: ${t("common.password")}`} aria-pressed={shows} onClick={() => setShows(!shows)} />
          <CopyButton text={password} label={`${t("common.copy")}: ${t("common.password")}`} />
        </dd>
        <dt>{t("service.secret")}</dt><dd><code>{data.secret}</code></dd>
      </dl>
      {hasBoth && (
        <div className="row"><span className="quiet">{t("service.from")}</span>
          <Segmented aria-label={t("service.from")} value={isInside} onChange={setIsInside} options={[{ value: false, label: t("service.fromAnywhere") }, { value: true, label: t("service.fromCluster") }]} />
        </div>
      )}
      {uri && <div><div className="quiet">{t("service.uri")}</div><Code wraps label={t("service.uri")} text={uri} shown={cover(uri)} /></div>}
      {uri && (
        <Tabs size="small" items={LANGUAGES.map(({ key, label }) => {
          const text = snippet(type, key, { ...data.entries, uri });
          return { key, label, children: text ? <Code wraps={key === "shell"} label={label} text={text} shown={cover(text)} /> : <p className="quiet">{t("service.noSnippet")}</p> };
        })} />
      )}
      {ca && <div><div className="quiet">{t("service.ca")}</div><Code label={t("service.ca")} text={ca} shown={`${ca.split("\n").slice(0, 2).join("\n")}\n…`} /></div>}
    </div>
  );
}
