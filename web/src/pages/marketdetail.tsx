/** What an engine's service is, before it is deployed. */

import { useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { Link, useNavigate, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { NotFound } from "../app/notfound";
import { useTexts } from "../i18n/use";
import { EngineMark, useSummary } from "../parts/engine";
import { Loaded } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { readable, readableCores } from "../text/quantity";

export default function MarketDetail() {
  const { engine = "" } = useParams();
  const catalog = useQuery(ask.catalog());
  return (
    <Loaded query={catalog}>
      {(cards) => {
        const card = cards.find((found) => found.name === engine);
        return card ? <Detail card={card} /> : <NotFound />;
      }}
    </Loaded>
  );
}

function Detail({ card }: { card: Schemas["Card"] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const summary = useSummary()(card);
  return (
    <>
      <PageHead
        tab={card.title} before={<Link className="crumb" to="/market">{t("nav.market")}</Link>}
        title={<span className="row"><EngineMark engine={card.name} />{card.title}</span>} hint={<span lang={summary.lang}>{summary.text}</span>}
        extra={<Button type="primary" onClick={() => void navigate(`/market/${card.name}/deploy`)}>{t("market.deployLong", { title: card.title })}</Button>}
      />
      <div className="halves gap">
        <section className="card"><h2>{t("market.what")}</h2>
          <ul>
            <li>{t("market.whatMembers", { count: card.membersDefault })}</li>
            <li>{t("market.whatAddress")} ({t("common.port")} {card.port})</li>
            <li>{t("market.whatFailover")}</li>
            <li>{t("market.whatBackup")}</li>
            {card.supportsArbiter && <li>{t("market.arbiter")}</li>}
          </ul>
        </section>
        <section className="card"><h2>{t("market.defaults")}</h2>
          <dl className="facts">
            <dt>{t("market.versions")}</dt><dd>{card.versions.map((v) => <Tag key={v.version}>{v.version}{v.version === card.defaultVersion ? ` · ${t("market.default")}` : ""}</Tag>)}</dd>
            <dt>{t("market.membersAllowed")}</dt><dd>{card.membersAllowed.join(", ")}</dd>
            <dt>{t("market.minimum")}</dt><dd>{readable(card.memoryMin)} {t("common.memory")} · {readable(card.storageMin)} {t("common.storage")}</dd>
            {card.sizes.map((size) => <Fact key={size.letter} name={t(`deploy.size${size.letter}`)} text={t("deploy.sizeWhat", { cpu: readableCores(size.cpu), memory: readable(size.memory), storage: readable(size.storage) })} />)}
          </dl>
        </section>
      </div>
      {card.parameters.length > 0 && (
        <section className="card"><h2>{t("market.parameters")}</h2>
          <ul className="list">
            {card.parameters.map((one) => (
              <li key={one.name}>
                <div><code className="wrap">{one.name}</code><div lang="en">{one.description}</div><div className="quiet">{t("market.allowed")}: <span lang="en">{one.allowed}</span> · {t("market.live")}: {one.isLive ? t("market.liveYes") : t("market.liveNo")}</div></div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return <><dt>{name}</dt><dd>{text}</dd></>;
}
