using System.Net;
using KubeLab.Engine.Flow.Web;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Flow;

public sealed class WebTextTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_server_that_does_not_respond_is_an_error_after_the_timeout()
    {
        var clock = new FakeTimeProvider();
        using var web = Web(async (_, stop) =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return new(HttpStatusCode.OK);
        }, clock);
        var read = web.ReadAsync("https://server.example/text", Time, CancellationToken.None);
        clock.Advance(Time);
        Assert.Equal("the download did not finish within 20 s.", (await Assert.ThrowsAsync<HttpRequestException>(() => read)).Message);
    }

    [Fact]
    public async Task A_redirect_to_a_server_without_TLS_is_an_error()
    {
        using var web = Web((_, _) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.Redirect) { Headers = { Location = new("http://server.example/text") } }));
        Assert.Equal("it redirects from https to http, which is not followed.", await MessageAsync(web));
    }

    [Fact]
    public async Task An_endless_redirect_on_the_same_server_is_an_error()
    {
        using var web = Web((_, _) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.Redirect) { Headers = { Location = new("/text", UriKind.Relative) } }));
        Assert.Contains("302", await MessageAsync(web), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://me:secret@server.example/text?token=secret", "https://server.example/text")]
    [InlineData("http://", "the URL")]
    [InlineData("folder/file.yaml", "folder/file.yaml")]
    public void Messages_show_no_password_or_token_of_a_URL(string place, string shown) => Assert.Equal(shown, WebText.DisplayName(place));

    [Fact]
    public async Task An_invalid_URL_is_an_error()
    {
        using var web = Web((_, _) => throw new InvalidOperationException("Nothing must be sent."));
        Assert.Equal("it is not a valid URL.",
            (await Assert.ThrowsAsync<HttpRequestException>(() => web.ReadAsync("http://", Time, CancellationToken.None))).Message);
    }

    private static async Task<string> MessageAsync(WebText web) =>
        (await Assert.ThrowsAsync<HttpRequestException>(() => web.ReadAsync("https://server.example/text", Time, CancellationToken.None))).Message;

    private static WebText Web(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, TimeProvider? clock = null) =>
        new(new HttpClient(new Handler(answer)) { Timeout = Timeout.InfiniteTimeSpan }, clock ?? TimeProvider.System);

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, cancellationToken);
    }
}
