/** Every service that the person may see; a thousand rows are no more work than ten. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { CopyButton } from "../parts/copy";
import { useTitles } from "../parts/engine";
import { Health } from "../parts/health";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Records, type Column } from "../parts/records";
import { Ago } from "../parts/when";
import { byHealth, type Colour } from "../text/order";
import { RecycleBin } from "./recyclebin";

type Row = Schemas["ServiceRow"];
const COLOURS: Colour[] = ["red", "yellow", "unknown", "green"];
/** Above this many rows only those in sight are drawn. */
const VIRTUAL_ROWS = 60;
const WIDTH = 1040;

export default function Services() {
  const { t } = useTexts();
  const services = useQuery(ask.services());
  const [binIsOpen, setBinIsOpen] = useState(false);
  return (
    <>
      <PageHead title={t("nav.services")} tab={t("nav.services")} extra={<><Button onClick={() => setBinIsOpen(true)}>{t("services.recycle")}</Button><Link to="/market"><Button type="primary" tabIndex={-1}>{t("market.deploy")}</Button></Link></>} />
      <Loaded query={services}>{(list) => list.items.length === 0 ? <section className="card"><Nothing title={t("overview.first")} hint={t("services.emptyHint")}><Link to="/market"><Button type="primary" tabIndex={-1}>{t("overview.toMarket")}</Button></Link></Nothing></section> : <List rows={list.items} />}</Loaded>
      <RecycleBin open={binIsOpen} onClose={() => setBinIsOpen(false)} />
    </>
  );
}

function List({ rows }: { rows: Row[] }) {
  const { t } = useTexts();
  const [query, setQuery] = useSearchParams();
  const wanted = query.get("q") ?? "";
  const set = (key: string, value: string | undefined) => setQuery((old) => {
    const next = new URLSearchParams(old);
    if (value) next.set(key, value);
    else next.delete(key);
    return next;
  }, { replace: true });
  const shown = useMemo(() => {
    const words = wanted.trim().toLowerCase();
    return rows.filter((row) =>
      `${row.namespace}/${row.name} ${row.engine}`.toLowerCase().includes(words)
      && (!query.get("space") || row.namespace === query.get("space"))
      && (!query.get("engine") || row.engine === query.get("engine"))
      && (!query.get("health") || row.health === query.get("health"))
      && (query.get("backup") !== "bad" || (!row.isBackedUp && row.isInitialized)))
      .sort((left, right) => byHealth(left, right) || left.namespace.localeCompare(right.namespace) || left.name.localeCompare(right.name));
  }, [rows, query, wanted]);
  const options = (pick: (row: Row) => string) => [...new Set(rows.map(pick))].sort().map((value) => ({ value, label: value }));
  return (
    <>
      <div className="table-top">
        <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("services.search")} aria-label={t("services.search")} value={wanted} onChange={(event) => set("q", event.target.value)} />
        <Select allowClear placeholder={t("common.health")} aria-label={t("common.health")} value={query.get("health") ?? undefined} onChange={(value?: string) => set("health", value)} options={COLOURS.map((value) => ({ value, label: t(`health.${value}`) }))} popupMatchSelectWidth={false} />
        <Select allowClear showSearch placeholder={t("common.space")} aria-label={t("common.space")} value={query.get("space") ?? undefined} onChange={(value?: string) => set("space", value)} options={options((row) => row.namespace)} popupMatchSelectWidth={false} />
        <Select allowClear placeholder={t("common.engine")} aria-label={t("common.engine")} value={query.get("engine") ?? undefined} onChange={(value?: string) => set("engine", value)} options={options((row) => row.engine)} popupMatchSelectWidth={false} />
        {query.get("backup") && <Button onClick={() => set("backup", undefined)}>{t("overview.notBackedUp")} ✕</Button>}
        <span className="quiet" role="status">{t("services.shown", { shown: shown.length, total: rows.length })}</span>
      </div>
      <section className="card flush"><ServiceTable rows={shown} onClear={() => setQuery({}, { replace: true })} /></section>
    </>
  );
}

function ServiceTable({ rows, onClear }: { rows: Row[]; onClear: () => void }) {
  const { t } = useTexts();
  const titleOf = useTitles();
  const columns: Column<Row>[] = [
    { title: t("common.name"), key: "name", width: 165, sorter: (a, b) => a.name.localeCompare(b.name), render: (_, row) => <Link className="clip" title={row.name} to={`/services/${row.namespace}/${row.name}`}>{row.name}</Link> },
    { title: t("common.health"), key: "health", width: 220, sorter: byHealth, render: (_, row) => <RowHealth row={row} /> },
    { title: t("common.space"), dataIndex: "namespace", key: "namespace", width: 105, sorter: (a, b) => a.namespace.localeCompare(b.namespace), render: (text: string) => <span className="clip" title={text}>{text}</span> },
    { title: t("common.engine"), key: "engine", width: 115, sorter: (a, b) => a.engine.localeCompare(b.engine), render: (_, row) => `${titleOf(row.engine)} ${row.version ?? ""}` },
    { title: t("common.members"), dataIndex: "membersReady", key: "membersReady", width: 95, render: (text: string) => <span className="figures">{text || "–"}</span> },
    { title: t("common.address"), key: "address", width: 180, render: (_, row) => row.address ? <span className="tight"><code className="clip" title={row.address}>{row.address}</code><CopyButton text={row.address} label={t("services.copyAddress", { name: row.name })} /></span> : "–" },
    { title: t("services.lastBackup"), key: "backup", width: 105, sorter: (a, b) => (a.lastBackup ?? "").localeCompare(b.lastBackup ?? ""), render: (_, row) => <><Ago at={row.lastBackup} none={t("common.never")} />{row.lastBackup && <div className={row.isBackedUp ? "good" : "warn"}>{row.isBackedUp ? t("services.verified") : t("services.unverified")}</div>}</> },
    { title: t("common.age"), key: "created", width: 90, sorter: (a, b) => (a.created ?? "").localeCompare(b.created ?? ""), render: (_, row) => <Ago at={row.created} /> },
  ];
  return (
    <Records<Row>
      label={t("nav.services")} rowKey={(row) => `${row.namespace}/${row.name}`} columns={columns} rows={rows} width={WIDTH} pageSize={VIRTUAL_ROWS}
      virtualHeight={rows.length > VIRTUAL_ROWS ? Math.max(360, window.innerHeight - 300) : undefined}
      empty={<Nothing title={t("common.noMatch")}><Button onClick={onClear}>{t("common.clear")}</Button></Nothing>}
    />
  );
}

function RowHealth({ row }: { row: Row }) {
  const { t } = useTexts();
  const first = row.isDeleting ? t("health.deleting") : !row.isInitialized ? t("health.starting") : row.maintenanceUntil ? t("health.maintenance") : "";
  return <Health health={row.health} message={[first, row.message].filter(Boolean).join(" · ")} />;
}
