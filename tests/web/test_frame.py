"""What is around each page: the navigation."""

from playwright.sync_api import expect

from tests.web.tab import Tab


def test_an_address_that_no_page_has_is_said_to_be_none_and_marks_no_place(tab: Tab) -> None:
    tab.open("/nowhere")
    expect(tab.page.get_by_role("heading", name="The page you asked for does not exist")).to_be_visible()
    here = tab.page.get_by_role("navigation", name="Main navigation").locator("[aria-current]")
    expect(here).to_have_count(0)
    tab.link("Overview", tab.page.get_by_role("navigation", name="Main navigation")).click()
    expect(here).to_have_text("Overview")


def test_the_navigation_reaches_to_the_end_of_a_long_page_and_stays_in_sight(tab: Tab) -> None:
    tab.open("/market/mongodb/deploy")
    tab.page.get_by_role("button", name="Advanced").click()
    side = tab.page.locator("nav.side")
    expect(tab.page.get_by_label("Protected from deletion")).to_be_visible()
    ends = "(e) => [e.getBoundingClientRect().bottom, document.documentElement.getBoundingClientRect().bottom]"
    bottom, end = side.evaluate(ends)
    assert abs(bottom - end) <= 1, "its ground ends before the page does"
    tab.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(tab.link("Overview", side)).to_be_in_viewport()
