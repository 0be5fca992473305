"""The embedded provider of telephone calls: a small separate service that speaks the call endpoints of Twilio's REST
API. Telephones ring here, and are answered by command, on its page, or by a fault that is switched on; it signs its
webhooks. It is a tool for development and tests, on loopback only, and nobody hears anything.
"""
