/** Header, navigation and the page. */

import { GlobalOutlined, MenuOutlined, MoonOutlined, QuestionCircleOutlined, UserOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Dropdown, Layout, Tooltip } from "antd";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { api, got, type Schemas } from "../api/client";
import { setLanguage } from "../i18n";
import { useTexts } from "../i18n/use";
import { useRefusal } from "../parts/refusal";
import { ChangePasswordDialog } from "../pages/signin";
import { KeysHelp, useKeys } from "./keyboard";
import { useLive } from "./live";
import { useLook, type Theme } from "./look";
import { PAGES, pageAt } from "./pages";

export function Shell({ session, children }: { session: Schemas["SessionView"]; children: ReactNode }) {
  const { t } = useTexts();
  const [helps, setHelps] = useState(false);
  const [menuIsOpen, setMenuIsOpen] = useState(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  useKeys(useCallback(() => setHelps(true), []));
  useEffect(() => setMenuIsOpen(false), [pathname]);
  return (
    <Layout className="shell">
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{t("nav.skip")}</a>
      <header className="top">
        <Button className="burger" type="text" icon={<MenuOutlined />} aria-label={t("nav.menu")} onClick={() => setMenuIsOpen(true)} />
        <Link to="/" className="brand" aria-label="Moorage"><img src="./moorage.svg" alt="" width={28} height={28} /><span>Moorage</span></Link>
        <span className="grow" />
        <LiveBadge />
        <LanguageButton />
        <ThemeButton />
        <Tooltip title={`${t("shell.keys")} (?)`}>
          <Button className="wide" type="text" icon={<QuestionCircleOutlined />} aria-label={t("shell.keys")} onClick={() => setHelps(true)} />
        </Tooltip>
        <Person session={session} />
      </header>
      <div className="below">
        <nav className="side" aria-label={t("nav.main")}><Pages /></nav>
        <Drawer open={menuIsOpen} onClose={() => setMenuIsOpen(false)} placement="left" size={260} title="Moorage" styles={{ body: { padding: 8 } }}>
          <nav aria-label={t("nav.main")}><Pages /></nav>
        </Drawer>
        <main id="main" ref={main} tabIndex={-1} className="page">{children}</main>
      </div>
      <KeysHelp open={helps} onClose={() => setHelps(false)} />
    </Layout>
  );
}

function Pages() {
  const { t } = useTexts();
  const { pathname } = useLocation();
  const here = pageAt(pathname);
  return (
    <ul className="pages">
      {PAGES.map((page) => (
        <li key={page.path}>
          <Link to={page.path} aria-current={page === here ? "page" : undefined}>{page.icon}<span>{t(`nav.${page.text}`)}</span></Link>
        </li>
      ))}
    </ul>
  );
}

function LiveBadge() {
  const { t } = useTexts();
  const { isLive, whyStale } = useLive();
  const word = isLive ? t("shell.live") : whyStale ? t("shell.stale") : t("shell.reconnecting");
  const hint = isLive ? t("shell.liveHint") : whyStale || t("shell.reconnectingHint");
  return (
    <Tooltip title={hint}>
      <span role="status" className={isLive ? "live" : "live broken"}><span className="dot" aria-hidden />{word}</span>
    </Tooltip>
  );
}

function LanguageButton() {
  const { t, language } = useTexts();
  const other = language === "zh" ? "en" : "zh";
  return (
    <Button type="text" icon={<GlobalOutlined />} aria-label={t("shell.language")} lang={other === "zh" ? "zh-CN" : "en"} onClick={() => setLanguage(other)}>
      {other === "zh" ? "中文" : "English"}
    </Button>
  );
}

function ThemeButton() {
  const { t } = useTexts();
  const { theme, setTheme } = useLook();
  const items = [
    { key: "light", label: t("shell.themeLight") },
    { key: "dark", label: t("shell.themeDark") },
    { key: "system", label: t("shell.themeSystem") },
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items, selectable: true, selectedKeys: [theme], onClick: ({ key }) => setTheme(key as Theme) }}>
      <Button type="text" icon={<MoonOutlined />} aria-label={t("shell.theme")} />
    </Dropdown>
  );
}

function Person({ session }: { session: Schemas["SessionView"] }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const say = useRefusal();
  const [changes, setChanges] = useState(false);
  const signOut = async () => {
    try {
      await got(api.DELETE("/api/v1/session"));
    } catch (error) {
      // somebody who walks away must know that the session goes on
      modal.error({ title: t("shell.signOut"), content: say(error) });
      return;
    }
    client.clear();
    location.assign(document.baseURI);
  };
  return (
    <>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            { key: "who", label: <span className="who"><b>{session.displayName}</b><br />{session.user}</span>, disabled: true },
            { type: "divider" },
            ...(session.way === "password" ? [{ key: "password", label: t("shell.password"), onClick: () => setChanges(true) }] : []),
            { key: "out", label: t("shell.signOut"), onClick: () => void signOut() },
          ],
        }}
      >
        <Button type="text" icon={<UserOutlined />} aria-label={`${t("shell.account")}: ${session.displayName}`}><span className="wide clip">{session.displayName}</span></Button>
      </Dropdown>
      <ChangePasswordDialog open={changes} onClose={() => setChanges(false)} />
    </>
  );
}
