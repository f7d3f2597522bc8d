/** Channels as a form has them, and as they are sent: secrets go in, and never come back. Pure. */

import type { Schemas } from "../api/client";
import { NAME_MAX } from "./names";
import type { Language } from "./time";

export type Channel = Schemas["ChannelView"];
export type Kind = Channel["kind"];
export type Wish = Omit<Schemas["NewChannel"], "name">;
export type Use = "muted" | "used" | "soon" | "unknown";

export const KINDS: readonly Kind[] = ["slack", "dingtalk", "wecom", "feishu", "mail", "telegram", "webhook"];
export const SEVERITIES = ["critical", "warning"] as const;
export const EXAMPLES: Record<Kind, string> = {
  slack: "https://hooks.slack.com/services/…", dingtalk: "https://oapi.dingtalk.com/robot/send?access_token=…", wecom: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
  feishu: "https://open.feishu.cn/open-apis/bot/v2/hook/…", telegram: "https://api.telegram.org", mail: "smtp://mail.example.com:587", webhook: "https://example.com/hook",
};
export const SLACK_API = "https://slack.com/api/chat.postMessage";
const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

export interface ChannelForm {
  name: string; kind: Kind;
  /** Of Slack alone. */
  way: "webhook" | "bot";
  url?: string; secret?: string; dropsSecret?: boolean; to: string[]; sender?: string; user?: string;
  language: Language; zone: string; spaces: string[]; services: string[]; severities: (typeof SEVERITIES)[number][]; muted: boolean;
}

export const isName = (name: string) => name.length <= NAME_MAX && NAME.test(name);

export const blank = (language: Language, zone: string): ChannelForm => ({ name: "", kind: "slack", way: "webhook", to: [], language, zone, spaces: [], services: [], severities: [...SEVERITIES], muted: false });

/** Of its secrets nothing: the fields are empty, and what is empty stays. */
export function formOf(channel: Channel): ChannelForm {
  const { name, kind, to, language, zone, spaces, services, severities, muted } = channel;
  return {
    name, kind, way: kind === "slack" && channel.hasSecret ? "bot" : "webhook", url: channel.url || undefined, to, sender: channel.sender || undefined, user: channel.user || undefined,
    language, zone, spaces, services, severities: SEVERITIES.filter((one) => severities.length === 0 || severities.includes(one)), muted,
  };
}

/** The channel whose secrets are kept: one that becomes another kind keeps none. */
export const keptOf = (form: Pick<ChannelForm, "kind">, channel: Channel | undefined) => (channel?.kind === form.kind ? channel : undefined);

/** What its secret is; null: it has none. */
export function secretOf({ kind, way }: Pick<ChannelForm, "kind" | "way">): "signing" | "token" | "password" | null {
  if (kind === "dingtalk" || kind === "feishu" || kind === "webhook") return "signing";
  if (kind === "telegram" || (kind === "slack" && way === "bot")) return "token";
  return kind === "mail" ? "password" : null;
}

/** Whom it sends to; null: the address says it. */
export function toOf({ kind, way }: Pick<ChannelForm, "kind" | "way">): "chat" | "phones" | "addresses" | null {
  if (kind === "telegram" || (kind === "slack" && way === "bot")) return "chat";
  return kind === "dingtalk" ? "phones" : kind === "mail" ? "addresses" : null;
}

/** `kept`: what is there, of this kind. */
export function wishOf(form: ChannelForm, kept: Channel | undefined): Wish {
  const said = (text: string | undefined) => text?.trim() ?? "";
  const isMail = form.kind === "mail";
  // a password without its user is of no use
  const hasSecret = secretOf(form) !== null && !(isMail && said(form.user) === "" && said(form.secret) === "");
  const drops = Boolean(kept?.hasSecret) && (form.dropsSecret === true || !hasSecret);
  return {
    kind: form.kind, url: said(form.url), secret: hasSecret && !drops ? said(form.secret) : "", dropsSecret: drops,
    to: toOf(form) === null ? [] : form.to.map(said).filter(Boolean), sender: isMail ? said(form.sender) : "", user: isMail ? said(form.user) : "",
    language: form.language, zone: form.zone, spaces: form.spaces.map(said), services: form.services.map(said),
    severities: form.severities.length === SEVERITIES.length ? [] : form.severities, muted: form.muted,
  };
}

/** Of the server's "slack at hooks.slack.com" the host. */
export const hostOf = ({ place }: Pick<Channel, "place">) => place.split(" at ")[1] ?? place;

export function useOf({ muted, isInUse }: Pick<Channel, "muted" | "isInUse">): Use {
  if (isInUse === false) return "soon";
  if (muted) return "muted";
  return isInUse === null ? "unknown" : "used";
}
