"""Names of authorities by which programs and appliances issue certificates on the way.

Each is the name that the product's own documentation gives its root certificate.
"""

from __future__ import annotations

# In lower case, as a part of the issuer's name -> the product.
_ISSUERS = {
    "mitmproxy": "mitmproxy",
    "charles proxy ca": "Charles",
    "charles proxy custom root": "Charles",
    "do_not_trust_fiddlerroot": "Fiddler",
    "fiddler root certificate authority": "Fiddler Everywhere",
    "portswigger ca": "Burp Suite",
    "owasp root ca": "ZAP",
    "zed attack proxy root ca": "ZAP",
    "proxyman ca": "Proxyman",
    "http toolkit ca": "HTTP Toolkit",
    "zscaler root ca": "Zscaler",
    "zscaler intermediate root ca": "Zscaler",
    "netskope": "Netskope",
    "goskope.com": "Netskope",
    "cisco umbrella root ca": "Cisco Umbrella",
    "cisco umbrella secondary subca": "Cisco Umbrella",
    "fortigate ca": "FortiGate",
    "fortinet_ca_ssl": "FortiGate",
    "fortinet_ca_untrusted": "FortiGate",
    "sophos ssl ca": "Sophos",
    "sophos web appliance": "Sophos",
    "gateway ca - cloudflare managed": "Cloudflare Gateway",
    "cloudflare for teams ecc certificate authority": "Cloudflare Gateway",
    "avast web/mail shield root": "Avast",
    "avg web/mail shield root": "AVG",
    "kaspersky anti-virus personal root": "Kaspersky",
    "eset ssl filter ca": "ESET",
    "bitdefender personal ca": "Bitdefender",
    "adguard personal ca": "AdGuard",
    "websense public primary certificate authority": "Forcepoint",
    "mcafee web gateway": "McAfee Web Gateway",
    "skyhigh web gateway": "Skyhigh Web Gateway",
}


def interceptor(issuer: str) -> str | None:
    """The product that issues certificates by this name; None for any other issuer."""
    lowered = issuer.lower()
    return next((product for name, product in _ISSUERS.items() if name in lowered), None)
