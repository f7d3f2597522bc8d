/** Where the person is signed in; and everybody, for those who manage accounts. */

import { useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Loaded } from "../../parts/loaded";
import { Records, type Column } from "../../parts/records";
import { Moment } from "../../parts/when";
import { isForbidden, useChange } from "./change";

type Row = Schemas["SessionRow"];
const WAYS = { password: "accounts.wayPassword", oidc: "accounts.wayOidc", token: "accounts.wayToken" } as const;

export function Sessions() {
  const { t } = useTexts();
  const mine = useQuery(ask.mySessions());
  const all = useQuery(ask.allSessions());
  const change = useChange(["sessions"], ["accounts"], ["tokens"]);
  const end = (one: Row) => change(t("accounts.end"), () => got(api.DELETE("/api/v1/sessions/{session}", { params: { path: { session: one.id } } })));
  const endAny = (one: Row) => change(t("accounts.end"), () => got(api.DELETE("/api/v1/account-sessions/{session}", { params: { path: { session: one.id } } })));
  return (
    <div className="stack">
      <section className="card" aria-label={t("accounts.mySessions")}>
        <h2>{t("accounts.mySessions")}</h2>
        <Loaded query={mine}>{(list) => <List label={t("accounts.mySessions")} rows={list} onEnd={(one) => void end(one)} />}</Loaded>
      </section>
      {!isForbidden(all.error) && (
        <section className="card" aria-label={t("accounts.allSessions")}>
          <h2>{t("accounts.allSessions")}</h2>
          <p className="quiet">{t("accounts.allSessionsWhat")}</p>
          <Loaded query={all}>{(list) => <List label={t("accounts.allSessions")} rows={list} onEnd={(one) => void endAny(one)} withOwner />}</Loaded>
        </section>
      )}
    </div>
  );
}

function List({ label, rows, onEnd, withOwner = false }: { label: string; rows: Row[]; onEnd: (one: Row) => void; withOwner?: boolean }) {
  const { t } = useTexts();
  const owner: Column<Row>[] = withOwner ? [{ title: t("accounts.owner"), dataIndex: "owner", key: "owner", width: 170, render: (text: string) => <span className="wrap">{text}</span> }] : [];
  return (
    <Records<Row> label={label} rowKey={(one) => one.id} rows={rows} width={960} pageSize={20} lead="agent" columns={[
      ...owner,
      { title: t("accounts.way"), dataIndex: "way", key: "way", width: 110, render: (way: Row["way"]) => t(WAYS[way]) },
      { title: t("accounts.browser"), key: "agent", render: (_, one) => <span className="wrap">{one.agent || t(WAYS[one.way])} {one.isThis && <Tag>{t("accounts.thisOne")}</Tag>}</span> },
      { title: t("accounts.from"), dataIndex: "address", key: "address", width: 130 },
      { title: t("common.created"), dataIndex: "created", key: "created", width: 170, render: (at: string) => <Moment at={at} /> },
      { title: t("common.expires"), dataIndex: "expires", key: "expires", width: 170, render: (at: string) => <Moment at={at} /> },
      { title: t("common.actions"), key: "actions", width: 110, render: (_, one) => <Button size="small" danger disabled={one.isThis} aria-label={`${t("accounts.end")}: ${one.owner} ${one.address}`} onClick={() => onEnd(one)}>{t("accounts.end")}</Button> },
    ]} />
  );
}
