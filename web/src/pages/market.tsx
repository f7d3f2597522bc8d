/** A card for each engine. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { EngineMark, useSummary } from "../parts/engine";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";

type Category = Schemas["Category"];

export default function Market() {
  const { t } = useTexts();
  const catalog = useQuery(ask.catalog());
  const [wanted, setWanted] = useState("");
  const [query, setQuery] = useSearchParams();
  const there = [...new Set(catalog.data?.flatMap((card) => card.categories))];
  const category = there.find((one) => one === query.get("category")) ?? "";
  const cards = (catalog.data ?? []).filter((card) => !category || card.categories.includes(category));
  return (
    <>
      <PageHead title={t("nav.market")} tab={t("nav.market")} />
      <div className="table-top">
        <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("market.search")} aria-label={t("market.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        {there.length > 0 && (
          <Segmented<Category | ""> aria-label={t("market.category")} value={category} onChange={(one) => setQuery(one ? { category: one } : {}, { replace: true })}
            options={[{ value: "", label: t("common.all") }, ...there.map((one) => ({ value: one, label: t(`market.categories.${one}`) }))]} />
        )}
        {catalog.data && <span className="quiet" role="status">{t("market.count", { count: cards.length })}</span>}
      </div>
      <Loaded query={catalog}>{() => <Cards cards={cards} wanted={wanted} />}</Loaded>
    </>
  );
}

function Cards({ cards, wanted }: { cards: Schemas["Card"][]; wanted: string }) {
  const { t } = useTexts();
  const summaryOf = useSummary();
  if (cards.length === 0) return <section className="card"><Nothing title={t("market.empty")} /></section>;
  const words = wanted.trim().toLowerCase();
  const told = (card: Schemas["Card"]) => [card.name, card.title, card.summary, summaryOf(card).text, ...card.categories.map((one) => t(`market.categories.${one}`))].join(" ");
  const found = cards.filter((card) => told(card).toLowerCase().includes(words));
  if (found.length === 0) return <section className="card"><Nothing title={t("common.noMatch")} /></section>;
  return <div className="grid">{found.map((card) => <OneCard key={card.name} card={card} />)}</div>;
}

function OneCard({ card }: { card: Schemas["Card"] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const summary = useSummary()(card);
  return (
    <article className="card app" aria-label={card.title}>
      <div className="title"><EngineMark engine={card.name} size={44} /><div>{card.title}<small>{card.versions.map((v) => v.version).reverse().join(" · ")}</small></div></div>
      <p lang={summary.lang}>{summary.text}</p>
      <div>{card.categories.map((one) => <Tag key={one}>{t(`market.categories.${one}`)}</Tag>)}</div>
      <div className="row">
        <Button type="primary" aria-label={`${t("market.deploy")}: ${card.title}`} onClick={() => void navigate(`/market/${card.name}/deploy`)}>{t("market.deploy")}</Button>
        <Link to={`/market/${card.name}`} aria-label={`${t("market.details")}: ${card.title}`}>{t("market.details")}</Link>
      </div>
    </article>
  );
}
