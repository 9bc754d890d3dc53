#!/usr/bin/python3
"""The page of all figures, as a reader uses it: gallery.py DIRECTORY, which gallery.sh has made."""
import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import browser

DIRECTORY = sys.argv.pop()


class Gallery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser.start(1000, 900)
        cls.figures = len(glob.glob(os.path.join(os.path.dirname(__file__), "../../examples/figures/*.lua")))

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()

    def tearDown(self):
        self.assertEqual(browser.problems(self.driver), [], "the page complains")

    def open(self, address=""):
        self.driver.get("about:blank")
        self.driver.get(f"file://{DIRECTORY}/index.html{address}")

    def js(self, code, *args):
        return self.driver.execute_script(code, *args)

    def type(self, words):
        self.js("const i = document.querySelector('input'); i.value = arguments[0]; i.dispatchEvent(new Event('input'))", words)
        return self.js("return [...document.querySelectorAll('.card')].filter(c => c.offsetParent).map(c => c.id)")

    def test_every_figure_has_a_card_in_its_group(self):
        self.open()
        groups = dict(self.js("return [...document.querySelectorAll('section')].map(s => [s.id, [...s.querySelectorAll('.card')].map(c => c.id)])"))
        self.assertEqual(sum(map(len, groups.values())), self.figures)
        self.assertIn("rfc9293-12", groups["rfcs"])
        self.assertIn("stevens-18-half-close", groups["stevens"])
        self.assertIn("defect-no-karn", groups["defects"])
        titles = self.js("return document.body.innerHTML.split('RFC 9293 figure 12: normal close sequence').length - 1")
        self.assertEqual(titles, 2, "a title is written once, and once in its script")

    def test_the_filter(self):
        self.open()
        self.assertEqual(len(self.type("")), self.figures)
        self.assertEqual(self.type("stevens half-close"), ["stevens-18-half-close"])
        self.assertGreater(len(self.type("rfc 5961")), 2)
        self.assertEqual(self.type("there is no such figure"), [])
        self.assertEqual(self.js("return [...document.querySelectorAll('section')].filter(s => s.offsetParent).length"), 0)

    def test_an_address_opens_a_figure(self):
        self.open("#rfc9293-12")
        self.assertEqual(self.js("return [...document.querySelectorAll('.card[open]')].map(c => c.id)"), ["rfc9293-12"])
        top = self.js("return document.querySelector('.card[open]').getBoundingClientRect().top - document.querySelector('header').getBoundingClientRect().bottom")
        self.assertGreater(top, -1, "its title is under the filter")

    def test_on_a_telephone(self):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 420, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.open("#defect-no-time-wait")
        self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), 420)
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


if __name__ == "__main__":
    unittest.main(verbosity=1)
