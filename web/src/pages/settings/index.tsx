/** Where backups go, and what this platform is. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer, Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Danger, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { PageHead } from "../../parts/page";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Ago, Moment } from "../../parts/when";
import { AddStore } from "./addstore";
import { KnownServices } from "./known";

type Store = Schemas["StoreView"];

export default function Settings() {
  const { t } = useTexts();
  return (
    <>
      <PageHead title={t("nav.settings")} tab={t("nav.settings")} />
      <div className="stack"><Stores /><About /></div>
    </>
  );
}

function About() {
  const { t } = useTexts();
  const about = useQuery(ask.about());
  return (
    <section className="card" aria-label={t("settings.about")}><h2>{t("settings.about")}</h2>
      <Loaded query={about}>
        {(data) => (
          <dl className="facts">
            <dt>{t("common.version")}</dt><dd>Moorage {data.version}</dd>
            <dt>{t("settings.zone")}</dt><dd>{data.timeZone}</dd>
            <dt>{t("settings.serverTime")}</dt><dd><Moment at={data.time} /></dd>
            <dt>{t("settings.kubernetesHosts")}</dt><dd>{data.kubernetesHosts}</dd>
          </dl>
        )}
      </Loaded>
    </section>
  );
}

function Stores() {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const stores = useQuery(ask.stores());
  const spaces = useQuery(ask.spaces());
  const [adds, setAdds] = useState(false);
  const [goes, setGoes] = useState<Store | null>(null);
  const [shown, setShown] = useState<Store | null>(null);
  const remove = async (typed: string) => {
    const params = { path: { space: goes!.namespace, store: goes!.name }, query: { confirm: typed } };
    const isDone = await act(`${t("common.delete")} ${goes!.name}`, () => got(api.DELETE("/api/v1/stores/{space}/{store}", { params })));
    void client.invalidateQueries({ queryKey: ["stores"] });
    return isDone;
  };
  const test = async ({ namespace: space, name: store }: Store) => {
    await act(`${t("settings.storeTest")} ${store}`, () => got(api.POST("/api/v1/stores/{space}/{store}/test", { params: { path: { space, store } } })));
    void client.invalidateQueries({ queryKey: ["stores"] });
  };
  return (
    <section className="card" aria-label={t("settings.stores")}>
      <div className="head-row gap"><h2>{t("settings.stores")}</h2><Button type="primary" disabled={spaces.data?.items.length === 0} title={spaces.data?.items.length === 0 ? t("settings.storeNoSpace") : undefined} onClick={() => setAdds(true)}>{t("settings.addStore")}</Button></div>
      <Loaded query={stores}>
        {(list) => list.items.length === 0 ? <Nothing title={t("settings.storeNone")} /> : (
          <Records<Store> label={t("settings.stores")} rowKey={(one) => `${one.namespace}/${one.name}`} rows={list.items} width={960} columns={[
            { title: t("common.name"), key: "name", width: 200, render: (_, one) => <><b className="wrap">{one.name}</b> {one.isDefault && <Tag>{t("settings.defaultStore")}</Tag>}<div className="quiet">{one.namespace}</div></> },
            { title: t("settings.where"), key: "where", render: (_, one) => <><span className="wrap">{one.where}</span><div className="quiet">{one.kind}{one.isEncrypted && ` · ${t("settings.encrypted")}`}</div></> },
            { title: t("common.status"), key: "phase", width: 220, render: (_, one) => <Phase store={one} /> },
            { title: t("settings.checked"), dataIndex: "checked", key: "checked", width: 130, render: (at: string | null) => <Ago at={at} /> },
            { title: t("settings.known"), key: "services", width: 150, render: (_, one) => <button type="button" className="link" aria-label={`${t("settings.knownCount", { count: one.services.length })}: ${one.name}`} onClick={() => setShown(one)}>{t("settings.knownCount", { count: one.services.length })}</button> },
            { title: t("common.actions"), key: "actions", width: 170, render: (_, one) => <StoreDeeds store={one} onTest={() => void test(one)} onDelete={() => setGoes(one)} /> },
          ]} />
        )}
      </Loaded>
      <AddStore open={adds} onClose={() => setAdds(false)} />
      <Drawer open={shown !== null} onClose={() => setShown(null)} title={`${t("settings.known")}: ${shown?.name ?? ""}`} size={640} destroyOnHidden>{shown && <KnownServices store={shown} />}</Drawer>
      <Danger open={goes !== null} onClose={() => setGoes(null)} title={`${t("common.delete")}: ${goes?.name ?? ""}`} name={goes?.name ?? ""} confirm={t("common.delete")} onConfirm={remove}><Alert type="warning" showIcon title={t("settings.removeWhat")} /></Danger>
    </section>
  );
}

function StoreDeeds({ store, onTest, onDelete }: { store: Store; onTest: () => void; onDelete: () => void }) {
  const { t } = useTexts();
  const may = useQuery(ask.space(store.namespace)).data?.may.manageStores;
  return (
    <div className="row">
      <DeedButton may={may} size="small" loading={store.isTesting} aria-label={`${t("settings.storeTest")}: ${store.name}`} onClick={onTest}>{t("settings.storeTest")}</DeedButton>
      <DeedButton may={may} size="small" danger aria-label={`${t("common.delete")}: ${store.name}`} onClick={onDelete}>{t("common.delete")}</DeedButton>
    </div>
  );
}

function Phase({ store }: { store: Store }) {
  const { t } = useTexts();
  const word = store.phase === "Ready" ? t("settings.phaseReady") : store.phase === "NotReady" ? t("settings.phaseFailed") : t("settings.phaseChecking");
  return <><span className={store.phase === "Ready" ? "good" : store.phase === "NotReady" ? "bad" : ""}>{word}</span>{store.phase !== "Ready" && store.message && <div className="quiet wrap" lang="en">{store.message}</div>}</>;
}
