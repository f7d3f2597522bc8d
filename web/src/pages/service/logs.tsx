/** A member's log, as it is written. */

import { Alert, Input, Select, Switch } from "antd";
import { useEffect, useRef, useState } from "react";
import { base } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { Nothing } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { isShown, severity } from "../../text/lines";
import type { Detail } from "./index";

const LINES_MAX = 5_000;
const TAIL = 500;
/** Lines that come close together are drawn together. */
const DRAW_MS = 100;

export function Logs({ detail: { service, may } }: { detail: Detail }) {
  const { t } = useTexts();
  const whyNot = useWhyNot();
  const first = service.primary ?? service.members[0]?.name;
  const [member, setMember] = useState(first);
  const [follows, setFollows] = useState(true);
  const [least, setLeast] = useState<"all" | "warning" | "error">("all");
  const [words, setWords] = useState("");
  const isAllowed = may.readLogs?.allowed ?? true;
  const { lines, ended } = useLines(service.namespace, service.name, isAllowed ? member : undefined);
  const box = useRef<HTMLPreElement>(null);
  const shown = lines.filter((line) => isShown(line, least, words.trim()));
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length, follows]);
  if (!isAllowed) return <Alert type="info" showIcon title={t("logs.forbidden")} description={whyNot(may.readLogs)} />;
  if (!member) return <Nothing title={t("logs.empty")} />;
  return (
    <section className="card">
      <div className="table-top">
        <Select aria-label={t("common.member")} value={member} onChange={setMember} options={service.members.map((one) => ({ value: one.name, label: one.name === service.primary ? `${one.name} (${t("service.primary")})` : one.name }))} popupMatchSelectWidth={false} />
        <Select aria-label={t("logs.severity")} value={least} onChange={setLeast} options={[{ value: "all" as const, label: t("logs.severityAll") }, { value: "warning" as const, label: t("logs.severityWarning") }, { value: "error" as const, label: t("logs.severityError") }]} popupMatchSelectWidth={false} />
        <Input data-search className="search" allowClear aria-label={t("logs.filter")} placeholder={t("logs.filter")} value={words} onChange={(event) => setWords(event.target.value)} />
        <label className="row"><Switch checked={follows} onChange={setFollows} aria-label={t("logs.follow")} />{t("logs.follow")}</label>
        <span className="quiet figures">{t("logs.count", { count: shown.length })}</span>
      </div>
      <div className="code">
        <pre className="log" ref={box} tabIndex={0} role="log" aria-label={t("logs.lines", { member })} lang="en">
          {shown.length === 0 ? t("logs.empty") : shown.map((line, index) => <div key={index} className={severity(line)}>{line}</div>)}
        </pre>
      </div>
      {ended && <p className="quiet">{t("logs.ended", { why: ended })}</p>}
    </section>
  );
}

function useLines(space: string, name: string, member: string | undefined): { lines: string[]; ended: string } {
  const [lines, setLines] = useState<string[]>([]);
  const [ended, setEnded] = useState("");
  useEffect(() => {
    setLines([]);
    setEnded("");
    if (!member) return;
    let fresh: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      const added = fresh;
      fresh = [];
      setLines((old) => [...old, ...added].slice(-LINES_MAX));
    };
    const source = new EventSource(`${base}/api/v1/services/${space}/${name}/logs/follow?member=${member}&tail=${TAIL}`);
    source.addEventListener("line", (event) => {
      fresh.push(JSON.parse((event as MessageEvent<string>).data) as string);
      timer ??= setTimeout(draw, DRAW_MS);
    });
    source.addEventListener("end", (event) => {
      setEnded(JSON.parse((event as MessageEvent<string>).data) as string);
      source.close();
    });
    // a stream that begins again would begin with the same last lines
    source.onerror = () => {
      fresh = [];
      setLines([]);
    };
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [space, name, member]);
  return { lines, ended };
}
