/// A self-signed certificate for `localhost` and `127.0.0.1`, valid for a century and used by these tests alone:
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost …`.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmjCCAUGgAwIBAgIUSS58N5kwMel87fLqGBy3XIJtl3IwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDIzNTExNloYDzIxMjYxMDI3
        MjM1MTE2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASJRRaRh49snMpIlbDkezFeMONGE5p6XbRb35E+nsOqgDF7QIPbmItq
        fPdqSP9vukwv22wBRMzpvl/jcCfJqvRco28wbTAdBgNVHQ4EFgQURIG3pS4I+v+i
        OF/7c1iQWUm+jF0wHwYDVR0jBBgwFoAURIG3pS4I+v+iOF/7c1iQWUm+jF0wGgYD
        VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
        zj0EAwIDRwAwRAIgezYoGcnRDNO4uXPv3IrsibmN9qQemYunIfQEKrYk1CYCIBjx
        pAHLCzrpv4U7gN0vO3Wqs0DL95yyxLnTL5caZkoR
        -----END CERTIFICATE-----
        """

    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg84J7/OVmIpeVYzdb
        mcSLwOI7xhQX411acAxPkEjRZ7mhRANCAASJRRaRh49snMpIlbDkezFeMONGE5p6
        XbRb35E+nsOqgDF7QIPbmItqfPdqSP9vukwv22wBRMzpvl/jcCfJqvRc
        -----END PRIVATE KEY-----
        """
}
