/** Who changed what, from where, and what came of it; older entries on demand. */

import { SearchOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { texts } from "../../i18n/texts";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { Moment } from "../../parts/when";
import { isForbidden } from "./change";

type Entry = Schemas["Entry"];
const OK_BELOW = 400;
const isDeed = (action: string): action is keyof typeof texts.deed => action in texts.deed;

/** "shop/service/orders → backup/orders-1": what it was done to, and what was made. */
const about = ({ space, object, made }: Entry) => [[space, object || made].filter(Boolean).join("/"), object && made].filter(Boolean).join(" → ");
const more = ({ params }: Entry) => Object.entries(params).map(([name, value]) => `${name}: ${value}`).join(", ");

export function Audit() {
  const { t } = useTexts();
  const audit = useInfiniteQuery(ask.audit());
  const [wanted, setWanted] = useState("");
  if (isForbidden(audit.error)) return <Alert type="info" showIcon title={t("accounts.forbidden")} />;
  const did = (one: Entry) => (isDeed(one.action) ? t(`deed.${one.action}`) : one.action);
  const words = wanted.trim().toLowerCase();
  const isShown = (one: Entry) => `${one.who} ${did(one)} ${one.action} ${about(one)} ${more(one)} ${one.address} ${one.code}`.toLowerCase().includes(words);
  return (
    <section className="card">
      <Loaded query={audit}>
        {({ pages }) => {
          const list = pages.flatMap((page) => page.items);
          if (list.length === 0) return <Nothing title={t("accounts.noAudit")} />;
          return (
            <>
              <div className="table-top">
                <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("accounts.auditSearch")} aria-label={t("accounts.auditSearch")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
              </div>
              <Records<Entry> label={t("accounts.audit")} lead="action" rowKey={(one) => `${one.time}${one.who}${one.action}${one.object}`} rows={list.filter(isShown)} width={960} empty={<Nothing title={t("common.noMatch")} />} columns={[
                { title: t("accounts.when"), dataIndex: "time", key: "time", width: 170, render: (at: string) => <Moment at={at} /> },
                { title: t("accounts.who"), dataIndex: "who", key: "who", width: 150, render: (text: string) => <span className="wrap">{text || "–"}</span> },
                { title: t("accounts.did"), key: "action", width: 190, render: (_, one) => <span title={one.action}>{did(one)}</span> },
                { title: t("accounts.on"), key: "object", render: (_, one) => <><span className="wrap">{about(one) || "–"}</span>{more(one) && <div className="quiet wrap" lang="en">{more(one)}</div>}</> },
                { title: t("accounts.from"), dataIndex: "address", key: "address", width: 140, render: (text: string) => text || "–" },
                { title: t("accounts.result"), key: "result", width: 170, render: (_, one) => <Result entry={one} /> },
              ]} />
              <div className="above row">
                {audit.hasNextPage ? <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>{t("accounts.older")}</Button> : <span className="quiet">{t("accounts.auditEnd")}</span>}
              </div>
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

function Result({ entry }: { entry: Entry }) {
  const { t } = useTexts();
  const isDone = entry.status < OK_BELOW;
  return <><span className={isDone ? "good" : "bad"}>{isDone ? t("deed.done") : t("deed.refused")}</span>{!isDone && <div className="quiet wrap">{entry.status} {entry.code}</div>}</>;
}
