using KubeLab.Engine.Flow.Web;

namespace KubeLab.Tests.Flow;

public sealed class EnvironmentProxyTests
{
    // Cases of golang.org/x/net/http/httpproxy.
    [Theory]
    [InlineData("", "https://api.example:6443", true)]
    [InlineData("*", "https://api.example:6443", false)]
    [InlineData("a.b, *", "https://api.example", false)]
    [InlineData("", "https://localhost:6443", false)]
    [InlineData("", "https://127.1.2.3:6443", false)]
    [InlineData("", "https://[::1]:6443", false)]
    [InlineData("example.com", "https://example.com", false)]
    [InlineData("example.com", "https://www.Example.com", false)]
    [InlineData("example.com", "https://myexample.com", true)]
    [InlineData(".example.com", "https://example.com", true)]
    [InlineData(".example.com", "https://www.example.com", false)]
    [InlineData("*.example.com", "https://example.com", true)]
    [InlineData("*.example.com", "https://a.b.example.com", false)]
    [InlineData("EXAMPLE.com", "https://example.com", false)]
    [InlineData(" example.org ,\texample.com ", "https://example.com", false)]
    [InlineData("example.org example.com", "https://example.com", true)]
    [InlineData("example.com:6443", "https://example.com:6443", false)]
    [InlineData("example.com:6443", "https://example.com", true)]
    [InlineData("example.com:443", "https://example.com", false)]
    [InlineData("example.com:80", "http://example.com", false)]
    [InlineData(":443", "https://example.com", true)]
    [InlineData("example.com:", "https://example.com:6443", false)]
    [InlineData("10.0.0.0/8", "https://10.77.0.2:6443", false)]
    [InlineData("10.77.0.9/16", "https://10.77.200.2", false)]
    [InlineData("10.0.0.0/8", "https://11.0.0.1", true)]
    [InlineData("10.0.0.0/0", "https://11.0.0.1", false)]
    [InlineData("10.0.0.0/33", "https://10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "https://10.example", true)]
    [InlineData("10.77.0.2", "https://10.77.0.2:6443", false)]
    [InlineData("10.77.0.2:6443", "https://10.77.0.2:6443", false)]
    [InlineData("10.77.0.2:80", "https://10.77.0.2:6443", true)]
    [InlineData("10.77", "https://10.77.0.2", true)]
    [InlineData("10.1", "https://10.0.0.1", true)]
    [InlineData("10.77.0.*", "https://10.77.0.2", true)]
    [InlineData("::ffff:10.77.0.2", "https://10.77.0.2", false)]
    [InlineData("fd00::/8", "https://[fd00::1]:6443", false)]
    [InlineData("fd00::/8", "https://[fe80::1]:6443", true)]
    [InlineData("fd00::1", "https://[fd00:0::1]:6443", false)]
    [InlineData("[fd00::1]:6443", "https://[fd00::1]:6443", false)]
    [InlineData("[fd00::1]:80", "https://[fd00::1]:6443", true)]
    [InlineData("[fd00::1]", "https://[fd00::1]:6443", true)]
    [InlineData("bücher.example", "https://xn--bcher-kva.example", false)]
    [InlineData("xn--bcher-kva.example", "https://www.bücher.example", false)]
    public void NO_PROXY_is_read_as_in_Go(string exceptions, string url, bool isProxied)
    {
        var proxy = Proxy(("HTTPS_PROXY", "http://proxy:3128"), ("HTTP_PROXY", "http://proxy:3128"), ("NO_PROXY", exceptions));
        Assert.Equal((isProxied ? "http://proxy:3128/" : null, !isProxied), (proxy.GetProxy(new Uri(url))?.ToString(), proxy.IsBypassed(new Uri(url))));
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "proxy:3128", "https://a.b", "http://proxy:3128/")]
    [InlineData("HTTPS_PROXY", "proxy", "https://a.b", "http://proxy/")]
    [InlineData("https_proxy", "https://proxy", "https://a.b", "https://proxy/")]
    [InlineData("HTTPS_PROXY", "socks5://proxy:1080", "https://a.b", "socks5://proxy:1080/")]
    [InlineData("HTTPS_PROXY", "socks5h://proxy:1080", "https://a.b", "socks5://proxy:1080/")]
    [InlineData("HTTPS_PROXY", "http://user:secret@proxy:3128", "https://a.b", "http://proxy:3128/")]
    [InlineData("HTTPS_PROXY", "http://proxy", "http://a.b", null)]
    [InlineData("HTTP_PROXY", "http://proxy", "http://a.b", "http://proxy/")]
    [InlineData("http_proxy", "http://proxy", "http://a.b", "http://proxy/")]
    [InlineData("HTTP_PROXY", "http://proxy", "https://a.b", null)]
    [InlineData("ALL_PROXY", "http://proxy", "https://a.b", null)]
    [InlineData("HTTPS_PROXY", "", "https://a.b", null)]
    public void The_proxy_depends_on_the_scheme(string variable, string value, string url, string? expected) =>
        Assert.Equal(expected, Proxy((variable, value)).GetProxy(new Uri(url))?.ToString());

    [Fact]
    public void Uppercase_variables_take_precedence_and_a_password_is_sent_only_to_its_proxy()
    {
        var proxy = Proxy(("HTTPS_PROXY", "http://us%40er:p%3Aw@one:3128"), ("https_proxy", "http://two"), ("NO_PROXY", "a.b"), ("no_proxy", "c.d"));
        Assert.Equal("http://one:3128/", proxy.GetProxy(new Uri("https://c.d"))?.ToString());
        Assert.Null(proxy.GetProxy(new Uri("https://a.b")));
        var credential = proxy.GetCredential(new Uri("http://one:3128"), "Basic");
        Assert.Equal(("us@er", "p:w"), (credential?.UserName, credential?.Password));
        Assert.Null(proxy.GetCredential(new Uri("http://other:3128"), "Basic"));
    }

    private static EnvironmentProxy Proxy(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(one => one.Name == name).Value);
}
