import Hummingbird
import HummingbirdTLS
import AsyncHTTPClient
import ArgumentParser
import Crypto
print("nightshift")
