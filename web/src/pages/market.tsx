/** A card for each engine. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { EngineMark } from "../parts/engine";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";

type Category = "Database" | "Cache" | "Queue" | "Analytics" | "Monitoring";
const CATEGORIES: Record<string, Category> = { redis: "Cache", rabbitmq: "Queue", spark: "Analytics", grafana: "Monitoring" };
export const categoryOf = (engine: string): Category => CATEGORIES[engine] ?? "Database";

export default function Market() {
  const { t } = useTexts();
  const catalog = useQuery(ask.catalog());
  const [wanted, setWanted] = useState("");
  return (
    <>
      <PageHead title={t("nav.market")} tab={t("nav.market")} />
      <div className="table-top">
        <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("market.search")} aria-label={t("market.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        {catalog.data && <span className="quiet" role="status">{t("market.count", { count: catalog.data.length })}</span>}
      </div>
      <Loaded query={catalog}>{(cards) => <Cards cards={cards} wanted={wanted} />}</Loaded>
    </>
  );
}

function Cards({ cards, wanted }: { cards: Schemas["Card"][]; wanted: string }) {
  const { t } = useTexts();
  if (cards.length === 0) return <section className="card"><Nothing title={t("market.empty")} /></section>;
  const words = wanted.trim().toLowerCase();
  const found = cards.filter((card) => `${card.name} ${card.title} ${card.summary} ${t(`market.category${categoryOf(card.name)}`)}`.toLowerCase().includes(words));
  if (found.length === 0) return <section className="card"><Nothing title={t("common.noMatch")} /></section>;
  return <div className="grid">{found.map((card) => <OneCard key={card.name} card={card} />)}</div>;
}

function OneCard({ card }: { card: Schemas["Card"] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  return (
    <article className="card app" aria-label={card.title}>
      <div className="title"><EngineMark engine={card.name} size={44} /><div>{card.title}<small>{card.versions.map((v) => v.version).reverse().join(" · ")}</small></div></div>
      <p lang="en">{card.summary}</p>
      <div><Tag>{t(`market.category${categoryOf(card.name)}`)}</Tag></div>
      <div className="row">
        <Button type="primary" aria-label={`${t("market.deploy")}: ${card.title}`} onClick={() => void navigate(`/market/${card.name}/deploy`)}>{t("market.deploy")}</Button>
        <Link to={`/market/${card.name}`} aria-label={`${t("market.details")}: ${card.title}`}>{t("market.details")}</Link>
      </div>
    </article>
  );
}
