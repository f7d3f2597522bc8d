/** Where and as whom, and how from each language; the password only when somebody asks for it. */

import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Segmented, Tabs } from "antd";
import { useState } from "react";
import { ask } from "../api/queries";
import { api, got, type Schemas } from "../api/client";
import { useTexts } from "../i18n/use";
import { LANGUAGES, snippet } from "../text/snippets";
import { Code, CopyButton } from "./copy";
import { Loaded } from "./loaded";
import { useWhyNot } from "./may";
import { useRefusal } from "./refusal";

type Entries = Schemas["Connection"]["entries"];
type User = Schemas["User"];
const USERS: User[] = ["app", "admin"];

export function ConnectionPanel({ space, name, may }: { space: string; name: string; may?: Schemas["DeedView"] }) {
  const { t } = useTexts();
  const whyNot = useWhyNot();
  const isAllowed = may?.allowed ?? true;
  const [user, setUser] = useState<User>("app");
  const connection = useQuery({ ...ask.connection(space, name, user), enabled: isAllowed });
  return (
    <section className="card" aria-label={t("service.connection")}>
      <div className="head-row">
        <h2>{t("service.connection")}</h2>
        {isAllowed && <Segmented size="small" aria-label={t("service.connectAs")} value={user} onChange={setUser} options={USERS.map((value) => ({ value, label: t(`service.users.${value}`) }))} />}
      </div>
      {isAllowed ? <Loaded query={connection}>{(data) => <Panel key={user} space={space} name={name} user={user} data={data} />}</Loaded> : <Alert type="info" showIcon title={t("service.connectionForbidden")} description={whyNot(may)} />}
    </section>
  );
}

function Panel({ space, name, user, data }: { space: string; name: string; user: User; data: Schemas["Connection"] }) {
  const { t } = useTexts();
  const say = useRefusal();
  const { message } = App.useApp();
  // here and nowhere else: no cache holds it, and hiding it forgets it
  const [revealed, setRevealed] = useState<Entries | null>(null);
  const [isInside, setIsInside] = useState(false);
  const reveal = async () => (await got(api.POST("/api/v1/services/{space}/{name}/connection/password", { params: { path: { space, name }, query: { user } } }))).entries;
  const toggle = async () => {
    if (revealed) return setRevealed(null);
    try {
      setRevealed(await reveal());
    } catch (error) {
      void message.error(say(error), 8);
    }
  };
  const shown: Entries = revealed ?? data.entries;
  /** What is written with the password in it: as it is shown, and as it is copied. */
  const both = (write: (entries: Entries) => string) => ({ shown: write(shown), text: revealed ? write(revealed) : async () => write(await reveal()) });
  const { username = "", type = "", "direct-uri": direct } = data.entries;
  // the one leads to each member by names that only the cluster knows, the other through the address from everywhere
  const hasBoth = data.isReachableFromOutside && direct !== undefined;
  const uriOf = (entries: Entries) => entries[hasBoth && !isInside ? "direct-uri" : "uri"] ?? "";
  const ca = data.entries["ca.crt"];
  const address = `${data.host ?? ""}:${data.port ?? ""}`;
  const password = both((entries) => entries.password ?? "");
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{t("common.address")}</dt>
        <dd>{data.host ? <><code>{address}</code> <CopyButton text={address} label={`${t("common.copy")}: ${t("common.address")}`} /><div className="quiet">{data.isReachableFromOutside ? t("service.reachable") : t("service.inside")}</div></> : "–"}</dd>
        <dt>{t("common.user")}</dt><dd><code>{username || "–"}</code> {username && <CopyButton text={username} label={`${t("common.copy")}: ${t("common.user")}`} />}</dd>
        <dt>{t("common.password")}</dt>
        <dd>
          <code>{password.shown}</code>{" "}
          <Button size="small" type="text" icon={revealed ? <EyeInvisibleOutlined /> : <EyeOutlined />} aria-label={`${revealed ? t("common.hide") : t("common.show")}: ${t("common.password")}`} aria-pressed={revealed !== null} onClick={() => void toggle()} />
          <CopyButton text={password.text} label={`${t("common.copy")}: ${t("common.password")}`} />
          <div className="quiet">{t("service.passwordTold")} {t("service.passwordCounts")}</div>
        </dd>
        <dt>{t(user === "app" ? "service.secret" : "service.secretAdmin")}</dt><dd><code>{data.secret}</code></dd>
      </dl>
      {hasBoth && (
        <div className="row"><span className="quiet">{t("service.from")}</span>
          <Segmented aria-label={t("service.from")} value={isInside} onChange={setIsInside} options={[{ value: false, label: t("service.fromAnywhere") }, { value: true, label: t("service.fromCluster") }]} />
        </div>
      )}
      {uriOf(shown) && <div><div className="quiet">{t("service.uri")}</div><Code wraps label={t("service.uri")} {...both(uriOf)} /></div>}
      {uriOf(shown) && (
        <Tabs size="small" items={LANGUAGES.map(({ key, label }) => {
          const write = (entries: Entries) => snippet(type, key, { ...entries, uri: uriOf(entries) }) ?? "";
          return { key, label, children: write(shown) ? <Code wraps={key === "shell"} label={label} {...both(write)} /> : <p className="quiet">{t("service.noSnippet")}</p> };
        })} />
      )}
      {ca && <div><div className="quiet">{t("service.ca")}</div><Code label={t("service.ca")} text={ca} shown={`${ca.split("\n").slice(0, 2).join("\n")}\n…`} /></div>}
    </div>
  );
}
