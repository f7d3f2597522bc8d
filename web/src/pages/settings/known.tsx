/** What a store knows: services whose backups lie in it, here or from another cluster. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Code } from "../../parts/copy";
import { DeedButton } from "../../parts/dialogs";
import { useTitles } from "../../parts/engine";
import { Nothing } from "../../parts/loaded";
import { Moment } from "../../parts/when";
import { adopting } from "../../text/commands";
import { Adopt } from "./adopt";

export function KnownServices({ store }: { store: Schemas["StoreView"] }) {
  const { t } = useTexts();
  const titleOf = useTitles();
  const services = useQuery(ask.services());
  const space = useQuery(ask.space(store.namespace));
  const [comesBack, setComesBack] = useState<Schemas["KnownService"] | null>(null);
  const exists = (one: Schemas["KnownService"]) => services.data?.items.some((row) => row.namespace === one.namespace && row.name === one.name);
  if (store.services.length === 0) return <Nothing title={t("settings.knownNone")} />;
  return (
    <div className="stack">
      <p className="quiet">{t("settings.knownWhat")}</p>
      <ul className="records one">
        {store.services.map((one) => (
          <li key={`${one.engine}/${one.namespace}/${one.name}`} className="record">
            <div className="lead">{exists(one) ? <Link to={`/services/${one.namespace}/${one.name}`}>{one.namespace}/{one.name}</Link> : `${one.namespace}/${one.name}`} <span className="quiet">{titleOf(one.engine)}</span></div>
            <dl className="facts">
              <dt>{t("settings.backups")}</dt><dd>{one.backups}</dd>
              <dt>{t("settings.newest")}</dt><dd><Moment at={one.newestTime} /></dd>
              <dt>{t("settings.newestVerified")}</dt><dd><Moment at={one.verifiedTime} /></dd>
            </dl>
            {one.newest && <div className="row above"><DeedButton may={space.data?.may.restore} aria-label={`${t("settings.adopt")}: ${one.namespace}/${one.name}`} onClick={() => setComesBack(one)}>{t("settings.adopt")}</DeedButton></div>}
            {one.newest && !exists(one) && <Code label={`moorage adopt: ${one.name}`} text={adopting(store, one)} />}
          </li>
        ))}
      </ul>
      {comesBack && <Adopt store={store} known={comesBack} onClose={() => setComesBack(null)} />}
    </div>
  );
}
