/** What can be done with a service, each saying what it will do. */

import { DownOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api, got } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { Ask, DeedButton } from "../../parts/dialogs";
import { useAct } from "../../parts/refusal";
import { Delete } from "./delete";
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
      {open === "delete" && <Delete onClose={() => setOpen(null)} detail={detail} />}
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
