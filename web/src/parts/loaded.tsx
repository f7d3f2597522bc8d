/** A question's three ends: still asking, refused, answered. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Alert, Button, Empty, Skeleton } from "antd";
import type { ReactNode } from "react";
import { Refusal } from "../api/client";
import { useTexts } from "../i18n/use";
import { useRefusal } from "./refusal";

export function Loaded<T>({ query, children }: { query: UseQueryResult<T, Error>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return <Waiting />;
}

export function Waiting() {
  const { t } = useTexts();
  return <div role="status" aria-label={t("common.loading")}><Skeleton active paragraph={{ rows: 6 }} /></div>;
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTexts();
  const say = useRefusal();
  // nothing is broken, and asking again gives the same
  if (error instanceof Refusal && error.code === "forbidden") return <Alert type="info" showIcon title={t("common.notForYou")} description={<span lang="en">{error.detail}</span>} />;
  return (
    <Alert
      type="error" showIcon title={t("common.failed")} description={say(error)}
      action={onRetry && <Button onClick={onRetry}>{t("common.retry")}</Button>}
    />
  );
}

export function Nothing({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<><b>{title}</b>{hint && <div className="quiet">{hint}</div>}</>}>{children}</Empty>
  );
}
