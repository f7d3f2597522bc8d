/** Colours, light and dark, and the components' own language. */

import { App, ConfigProvider, theme as antdTheme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useTexts } from "../i18n/use";
import { useIsStill, useSystemIsDark } from "../parts/media";
import { nonce } from "./nonce";

export type Theme = "light" | "dark" | "system";
const KEY = "moorage.theme";

const Chosen = createContext<{ theme: Theme; setTheme: (theme: Theme) => void; isDark: boolean }>({
  theme: "system", setTheme: () => undefined, isDark: false,
});
export const useLook = () => useContext(Chosen);

function kept(): Theme {
  const found = localStorage.getItem(KEY);
  return found === "light" || found === "dark" ? found : "system";
}

// every text reaches 4.5 to 1 on its ground (WCAG AA); the library's own greys and blue do not
const LIGHT_TOKENS = {
  colorPrimary: "#0b5cad", colorLink: "#0b5cad", colorInfo: "#0b5cad", colorError: "#c4232b", colorInfoBg: "#eef5fc", colorInfoBorder: "#c5dbf2", colorBgLayout: "#f4f6f9",
  colorTextTertiary: "rgba(0,0,0,0.65)", colorTextDescription: "rgba(0,0,0,0.65)", colorTextPlaceholder: "rgba(0,0,0,0.6)",
};
const DARK_TOKENS = {
  colorPrimary: "#3f7fc4", colorLink: "#7db8f5", colorInfo: "#3f7fc4", colorError: "#ff8079", colorLinkHover: "#a8d0fa", colorBgLayout: "#0e1116",
  colorBgContainer: "#171b21", colorBgElevated: "#1f242c",
  colorTextTertiary: "rgba(255,255,255,0.68)", colorTextDescription: "rgba(255,255,255,0.68)", colorTextPlaceholder: "rgba(255,255,255,0.6)",
};

const LIGHT_PARTS = { Segmented: { trackBg: "#e3e8ee", itemColor: "#3c4652" } };
const DARK_PARTS = {
  Segmented: { trackBg: "#262d37", itemColor: "#c3cad4", itemSelectedBg: "#3d4856" },
  Button: { colorPrimary: "#2f6fb3", colorPrimaryHover: "#3a7ac0", dangerColor: "#190405" },
  Tabs: { itemSelectedColor: "#7db8f5", itemHoverColor: "#a8d0fa", inkBarColor: "#7db8f5" },
};

export function Look({ children }: { children: ReactNode }) {
  const { language } = useTexts();
  const [theme, setTheme] = useState<Theme>(kept);
  const systemIsDark = useSystemIsDark();
  const isStill = useIsStill();
  const isDark = theme === "dark" || (theme === "system" && systemIsDark);
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  }, [isDark]);
  const chosen = useMemo(
    () => ({
      theme, isDark,
      setTheme: (next: Theme) => {
        localStorage.setItem(KEY, next);
        setTheme(next);
      },
    }),
    [theme, isDark],
  );
  return (
    <Chosen value={chosen}>
      <ConfigProvider
        csp={nonce ? { nonce } : undefined}
        // "删 除" would be read as two words
        button={{ autoInsertSpace: false }}
        locale={language === "zh" ? zhCN : enUS}
        theme={{
          algorithm: isDark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
          token: { borderRadius: 8, motion: !isStill, fontFamily: "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", ...(isDark ? DARK_TOKENS : LIGHT_TOKENS) },
          components: isDark ? DARK_PARTS : LIGHT_PARTS,
        }}
      >
        <App message={{ maxCount: 3 }}>{children}</App>
      </ConfigProvider>
    </Chosen>
  );
}
