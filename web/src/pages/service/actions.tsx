/** What can be done with a service, each saying what it will do. */

import { DownOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Dropdown, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, got } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, Danger, DeedButton } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useAct } from "../../parts/refusal";
import type { Detail } from "./index";

type Open = "restart" | "maintenance" | "delete" | null;

export function Actions({ detail }: { detail: Detail }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const { service, may } = detail;
  const params = { path: { space: service.namespace, name: service.name } };
  const again = () => void client.invalidateQueries({ queryKey: ["service", service.namespace, service.name] });
  const run = async (what: string, call: () => Promise<unknown>) => {
    const isDone = await act(what, call);
    again();
    return isDone;
  };
  const protect = () => run(service.protected ? t("service.unprotect") : t("service.protect"), () => got(api.PUT("/api/v1/services/{space}/{name}/protection", { params, body: { protected: !service.protected } })));
  const endMaintenance = () => run(t("service.maintenanceEnd"), () => got(api.DELETE("/api/v1/services/{space}/{name}/maintenance", { params })));
  return (
    <>
      <DeedButton may={may.change} onClick={() => setOpen("restart")}>{t("service.restartAll")}</DeedButton>
      {may.change?.allowed ? (
        <Dropdown trigger={["click"]} menu={{ items: [
          service.maintenance ? { key: "end", label: t("service.maintenanceEnd"), onClick: () => void endMaintenance() } : { key: "begin", label: t("service.maintenance"), onClick: () => setOpen("maintenance") },
          { key: "protect", label: service.protected ? t("service.unprotect") : t("service.protect"), onClick: () => void protect() },
        ] }}>
          <Button icon={<DownOutlined aria-hidden />} iconPlacement="end">{t("common.actions")}</Button>
        </Dropdown>
      ) : null}
      <DeedButton may={may.delete} danger onClick={() => setOpen("delete")}>{t("common.delete")}</DeedButton>
      <Ask open={open === "restart"} onClose={() => setOpen(null)} title={t("service.restartAll")} what={t("service.restartAllWhat")} confirm={t("service.restart")}
        onConfirm={() => run(t("service.restartAll"), () => got(api.POST("/api/v1/services/{space}/{name}/restart", { params, body: {} })))} />
      <Maintenance open={open === "maintenance"} onClose={() => setOpen(null)} onConfirm={(body) => run(t("service.maintenance"), () => got(api.PUT("/api/v1/services/{space}/{name}/maintenance", { params, body })))} />
      {open === "delete" && <Delete onClose={() => setOpen(null)} space={service.namespace} name={service.name} />}
    </>
  );
}

function Maintenance({ open, onClose, onConfirm }: { open: boolean; onClose: () => void; onConfirm: (body: { minutes: number; reason: string }) => Promise<boolean> }) {
  const { t } = useTexts();
  const [minutes, setMinutes] = useState(60);
  const [reason, setReason] = useState("");
  return (
    <Ask open={open} onClose={onClose} title={t("service.maintenance")} what={t("service.maintenanceWhat")} confirm={t("service.maintenance")} onConfirm={() => onConfirm({ minutes, reason })}>
      <Form layout="vertical">
        <Form.Item label={t("service.maintenanceMinutes")} htmlFor="minutes"><InputNumber id="minutes" min={1} max={10_080} value={minutes} onChange={(value) => setMinutes(value ?? 60)} /></Form.Item>
        <Form.Item label={t("common.reason")} htmlFor="reason"><Input id="reason" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></Form.Item>
      </Form>
    </Ask>
  );
}

/** What it says is asked for each time that it is opened. */
function Delete({ onClose, space, name }: { onClose: () => void; space: string; name: string }) {
  const { t } = useTexts();
  const act = useAct();
  const navigate = useNavigate();
  const client = useQueryClient();
  const deletion = useQuery(ask.deletion(space, name));
  const confirm = async (typed: string) => {
    const isDone = await act(t("service.deleteTitle", { name }), () => got(api.DELETE("/api/v1/services/{space}/{name}", { params: { path: { space, name }, query: { confirm: typed } } })));
    if (isDone) {
      void client.invalidateQueries({ queryKey: ["services"] });
      await navigate("/services");
    }
    return isDone;
  };
  return (
    <Danger open onClose={onClose} title={t("service.deleteTitle", { name })} name={name} confirm={t("common.delete")} onConfirm={confirm} canGoOn={deletion.data !== undefined && !deletion.data.isProtected}>
      <Loaded query={deletion}>
        {(data) => (
          <>
            {data.isProtected && <Alert type="error" showIcon title={t("service.deleteProtected")} />}
            <ul className="plain">
              <li>{t("service.deleteGone")}</li>
              <li>{data.keepsData ? t("service.deleteKeeps", { count: data.volumes.length }) : <b className="bad">{t("service.deleteWipes")}</b>}</li>
              <li>{t("service.deleteBackups", { count: data.backups })}</li>
            </ul>
          </>
        )}
      </Loaded>
    </Danger>
  );
}
