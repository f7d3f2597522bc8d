/** One page: four things that are set already, the rest folded; checked before it is sent. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Collapse, Form, Input, Select, Spin, Tabs } from "antd";
import { useEffect, useMemo, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, got, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { NotFound } from "../app/notfound";
import { useTexts } from "../i18n/use";
import { Code } from "../parts/copy";
import { EngineMark } from "../parts/engine";
import { BackupFields, ParameterFields, ZoneField } from "../parts/fields";
import { Loaded, Nothing } from "../parts/loaded";
import { useWhyNot } from "../parts/may";
import { PageHead } from "../parts/page";
import { useRefused } from "../parts/refused";
import type { Place } from "../text/causes";
import { freeName, isName, NAME_MAX } from "../text/names";
import { amount, readable, readableCores } from "../text/quantity";
import { wishOf, type DeployForm } from "../text/wish";

const CHECK_MS = 400;
/** All others are in the part that is folded at first. */
const IN_SIGHT = new Set(["name", "space", "letter", "cpu", "memory", "storage", "version"]);

export default function Deploy() {
  const { t } = useTexts();
  const { engine = "" } = useParams();
  const catalog = useQuery(ask.catalog());
  const services = useQuery(ask.services());
  const spaces = useQuery(ask.spaces());
  return (
    <Loaded query={catalog}>
      {(cards) => {
        const card = cards.find((found) => found.name === engine);
        if (!card) return <NotFound />;
        return (
          <>
            <PageHead
              tab={t("market.deployLong", { title: card.title })} before={<Link className="crumb" to="/market">{t("nav.market")}</Link>}
              title={<span className="row"><EngineMark engine={card.name} />{t("market.deployLong", { title: card.title })}</span>}
            />
            <Loaded query={services}>{(list) => <Loaded query={spaces}>{(known) => <Sheet card={card} services={list.items} spaces={known.items} />}</Loaded>}</Loaded>
          </>
        );
      }}
    </Loaded>
  );
}

function Sheet({ card, services, spaces }: { card: Schemas["Card"]; services: Schemas["ServiceRow"][]; spaces: Schemas["SpaceRow"][] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const client = useQueryClient();
  const whyNot = useWhyNot();
  const about = useQuery(ask.about());
  const stores = useQuery(ask.stores());
  const open = useMemo(() => spaces.filter((space) => !space.isDeleting), [spaces]);
  const space0 = open[0]?.name ?? "";
  const takenIn = (space: string) => new Set(services.filter((row) => row.namespace === space).map((row) => row.name));
  const [form] = Form.useForm<DeployForm>();
  const first: DeployForm = {
    name: freeName(card.name, takenIn(space0)), space: space0, letter: "S", version: card.defaultVersion, members: card.membersDefault, arbiter: false,
    cpu: card.sizes[0]?.cpu ?? "", memory: card.sizes[0]?.memory ?? "", storage: card.sizes[0]?.storage ?? "", expose: "LoadBalancer", onDelete: "Retain",
    protected: false, backup: true, schedule: "30 2 * * *", keepDays: 7, pointInTime: true, parameters: [],
  };
  const [values, setValues] = useState<DeployForm>(first);
  const [checked, setChecked] = useState<Schemas["Preview"] | null>(null);
  const refused = useRefused(form);
  const { show, clear } = refused;
  const [isUnfolded, setIsUnfolded] = useState(false);
  /** The field that the person is led to, once it is in sight. */
  const [leadsTo, setLeadsTo] = useState<Place | null>(null);
  const [wasSent, setWasSent] = useState(false);
  const [isChecking, setIsChecking] = useState(true);
  const [isSending, setIsSending] = useState(false);
  const isTaken = takenIn(values.space).has(values.name);
  const isNameGood = isName(values.name) && !isTaken;
  const may = useQuery({ ...ask.space(values.space), enabled: values.space !== "" }).data?.may.deploy;
  const isSendable = isNameGood && values.space !== "" && may?.allowed !== false;

  const unfold = (places: Place[]) => {
    if (places.some((place) => !IN_SIGHT.has(String(place[0])))) setIsUnfolded(true);
  };
  const lead = (places: Place[]) => {
    unfold(places);
    setLeadsTo(places[0] ?? null);
  };
  useEffect(() => {
    if (!leadsTo) return;
    // what is folded out now can be focused once it was drawn
    const frame = requestAnimationFrame(() => form.scrollToField(leadsTo as never, { focus: true, block: "center" }));
    return () => cancelAnimationFrame(frame);
  }, [leadsTo, form]);
  useEffect(() => {
    // what is being made already would be refused as taken, and what was refused is refused again
    if (!isSendable || isSending || wasSent) return;
    let isOld = false;
    setIsChecking(true);
    const timer = setTimeout(async () => {
      try {
        const found = await got(api.POST("/api/v1/services", { params: { query: { dryRun: true } }, body: wishOf(card, values) }));
        if (isOld) return;
        setChecked(found);
        clear();
      } catch (error) {
        if (isOld) return;
        setChecked(null);
        unfold(show(error));
      }
      setIsChecking(false);
    }, CHECK_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [values, card, isSendable, isSending, wasSent, show, clear]);

  const send = async () => {
    setIsSending(true);
    try {
      await got(api.POST("/api/v1/services", { body: wishOf(card, values) }));
      void client.invalidateQueries({ queryKey: ["services"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
      await navigate(`/services/${values.space}/${values.name}/progress`);
    } catch (error) {
      setChecked(null);
      setIsChecking(false);
      lead(show(error));
      setWasSent(true);
      setIsSending(false);
    }
  };

  const change = (all: DeployForm) => {
    setValues({ ...values, ...all });
    setWasSent(false);
    setLeadsTo(null);
  };

  if (open.length === 0) return <section className="card"><Nothing title={t("spaces.none")} hint={t("deploy.noSpace")} /></section>;
  const quantity = { validator: (_: unknown, value: string) => (amount(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("deploy.quantity")))) };
  const zone = values.timeZone || about.data?.timeZone || "UTC";
  const known = (stores.data?.items ?? []).filter((store) => store.namespace === values.space).map((store) => store.name);
  return (
    <Form form={form} layout="vertical" initialValues={first} onValuesChange={(_, all) => change(all)} onFinishFailed={({ errorFields }) => lead(errorFields.map((field) => field.name as Place))} onFinish={() => void send()} requiredMark={false}>
      <div className="deploy">
        <div className="stack">
          {wasSent && refused.rest && <Alert type="error" showIcon title={refused.rest} />}
          <section className="card">
            <div className="pair">
              <Form.Item name="name" label={t("common.name")} extra={t("deploy.nameHint")} validateStatus={isNameGood ? undefined : "error"} help={isTaken ? t("deploy.nameTaken") : undefined}>
                <Input aria-invalid={!isNameGood} maxLength={NAME_MAX} autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item name="space" label={t("common.space")}>
                <Select showSearch options={open.map((space) => ({ value: space.name, label: space.name }))} />
              </Form.Item>
            </div>
            <Form.Item name="letter"><Sizes sizes={card.sizes} /></Form.Item>
            {values.letter === "own" && (
              <div className="tiles">
                <Form.Item name="cpu" label={t("common.cpu")} rules={[quantity]}><Input /></Form.Item>
                <Form.Item name="memory" label={t("common.memory")} rules={[quantity]}><Input /></Form.Item>
                <Form.Item name="storage" label={t("common.storage")} rules={[quantity]}><Input /></Form.Item>
              </div>
            )}
            <Form.Item name="version" label={t("common.version")}>
              <Select options={[...card.versions].reverse().map((v) => ({ value: v.version, label: v.version === card.defaultVersion ? `${v.version} (${t("market.default")})` : v.version }))} />
            </Form.Item>
          </section>
          <Collapse
            className="card-fold" activeKey={isUnfolded ? ["advanced"] : []} onChange={(keys) => setIsUnfolded(keys.length > 0)}
            items={[{
              key: "advanced", forceRender: true, label: <><b>{t("deploy.advanced")}</b> <span className="quiet">{t("deploy.advancedHint")}</span></>,
              children: (
                <>
                  <div className="pair">
                    <Form.Item name="members" label={t("common.members")}><Select disabled={values.arbiter} options={card.membersAllowed.map((count) => ({ value: count, label: String(count) }))} /></Form.Item>
                    <Form.Item name="storageClass" label={t("deploy.storageClass")}><Input placeholder={t("deploy.clusterDefault")} autoComplete="off" spellCheck={false} /></Form.Item>
                    <Form.Item name="expose" label={t("deploy.expose")}><Select options={(["LoadBalancer", "ClusterIP"] as const).map((value) => ({ value, label: t(`deploy.expose${value}`) }))} /></Form.Item>
                    <Form.Item name="onDelete" label={t("deploy.onDelete")}><Select options={(["Retain", "Delete"] as const).map((value) => ({ value, label: t(`deploy.onDelete${value}`) }))} /></Form.Item>
                    <ZoneField zone={about.data?.timeZone} />
                  </div>
                  {card.supportsArbiter && <Form.Item className="tick" name="arbiter" valuePropName="checked"><Checkbox>{t("deploy.arbiter")}</Checkbox></Form.Item>}
                  <Form.Item className="tick" name="protected" valuePropName="checked"><Checkbox>{t("deploy.protected")}</Checkbox></Form.Item>
                  <BackupFields values={values} zone={zone} stores={known} />
                  <h2>{t("deploy.parameters")}</h2>
                  <ParameterFields known={card.parameters} rows={values.parameters ?? []} />
                </>
              ),
            }]}
          />
        </div>
        <aside className="stack">
          <section className="card stack" aria-label={t("deploy.summary")}>
            <h2>{t("deploy.summary")}</h2>
            <Summary card={card} values={values} />
            <div role="status" aria-live="polite">
              {may?.allowed === false ? <Alert type="info" showIcon title={whyNot(may)} />
                : refused.rest && !wasSent ? <Alert type="error" showIcon title={refused.rest} />
                : isChecking && isSendable ? <span className="quiet"><Spin size="small" /> {t("deploy.checking")}</span>
                : !isSendable ? null : checked ? <Verdict checked={checked} />
                : !refused.rest && <Alert type="error" showIcon title={t("deploy.seeFields")} />}
            </div>
            <Button type="primary" size="large" htmlType="submit" block loading={isSending} disabled={!isSendable}>{t("market.deploy")}</Button>
          </section>
          {checked && (
            <section className="card" aria-label={t("deploy.sameAs")}>
              <h2>{t("deploy.sameAs")}</h2>
              <Tabs size="small" items={[
                { key: "yaml", label: "YAML", children: <Code label="YAML" text={checked.sameAs.yaml} /> },
                { key: "kubectl", label: "kubectl", children: <Code label="kubectl" text={checked.sameAs.kubectl} /> },
                { key: "moorage", label: "moorage", children: <Code label={t("deploy.command")} text={checked.sameAs.moorage} /> },
              ]} />
            </section>
          )}
        </aside>
      </div>
    </Form>
  );
}

/** What the API server and the hosts say to it. */
function Verdict({ checked: { room, warnings } }: { checked: Schemas["Preview"] }) {
  const { t } = useTexts();
  return (
    <div className="stack">
      {room.fits ? <Alert type="success" showIcon title={t("deploy.fits")} /> : <Alert type="warning" showIcon title={<>{t("deploy.noRoom")}<div lang="en">{room.message}</div></>} />}
      {warnings.map(({ code, params }) => <Alert key={code} type="warning" showIcon title={String(t(`deploy.warning.${code}`, params as never))} />)}
    </div>
  );
}

function Sizes({ id, sizes, value, onChange }: { id?: string; sizes: Schemas["Size"][]; value?: DeployForm["letter"]; onChange?: (letter: DeployForm["letter"]) => void }) {
  const { t } = useTexts();
  const option = (letter: DeployForm["letter"], title: string, what: string) => (
    <label key={letter}>
      <input type="radio" name="size" value={letter} checked={value === letter} onChange={() => onChange?.(letter)} />
      <b>{title}</b><small>{what}</small>
    </label>
  );
  return (
    <fieldset id={id} className="sizes" tabIndex={-1}>
      <legend>{t("deploy.size")}</legend>
      {sizes.map((size) => option(size.letter, `${size.letter} · ${t(`deploy.size${size.letter}`)}`, t("deploy.sizeWhat", { cpu: readableCores(size.cpu), memory: readable(size.memory), storage: readable(size.storage) })))}
      {option("own", t("deploy.sizeOwn"), t("deploy.quantity"))}
    </fieldset>
  );
}

function Summary({ card, values }: { card: Schemas["Card"]; values: DeployForm }) {
  const { t } = useTexts();
  const wish = wishOf(card, values);
  return (
    <dl className="facts">
      <dt>{t("common.name")}</dt><dd>{values.space}/{values.name}</dd>
      <dt>{t("common.engine")}</dt><dd>{card.title} {values.version}</dd>
      <dt>{t("common.members")}</dt><dd>{values.arbiter ? t("deploy.arbiter") : values.members}</dd>
      <dt>{t("deploy.size")}</dt><dd>{t("deploy.sizeWhat", { cpu: readableCores(wish.cpu), memory: readable(wish.memory), storage: readable(wish.storage) })}</dd>
    </dl>
  );
}
