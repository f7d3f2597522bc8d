import { Tooltip } from "antd";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/use";
import { ago, moment } from "../text/time";

/** Now, again each so many milliseconds. */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** "3 minutes ago", with the moment when asked. */
export function Ago({ at, none = "–" }: { at: string | null | undefined; none?: string }) {
  const { language } = useTexts();
  const now = useNow();
  if (!at) return <span>{none}</span>;
  return <Tooltip title={moment(at)}><time dateTime={at}>{ago(at, now, language)}</time></Tooltip>;
}

export function Moment({ at }: { at: string | null | undefined }) {
  return at ? <time className="figures" dateTime={at}>{moment(at)}</time> : <span>–</span>;
}

/** The time of the day, where the day is plain. */
export function Clock({ at }: { at: string }) {
  return <time className="figures quiet" dateTime={at} title={moment(at)}>{moment(at).slice(-8)}</time>;
}
