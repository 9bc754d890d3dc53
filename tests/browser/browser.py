"""Headless Chromium, as the tests of pages use it: from Debian's chromium, chromium-driver and python3-selenium."""
import json
import os
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1"]


def start(width=1400, height=900, dark=False):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in QUIET + [f"--window-size={width},{height}", f"--user-data-dir={tempfile.mkdtemp(prefix='drywire-browser-')}"]:
        options.add_argument(flag)
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", log_path=os.devnull), options=options)
    driver.set_script_timeout(60)
    return driver


def problems(driver):
    """What the page complained of since the last call."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def requests(driver):
    """Every address that the page asked for since the last call."""
    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
        if message["method"] == "Network.webSocketCreated":
            found.append(message["params"]["url"])
    return found
