using System.Buffers;
using System.Text;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>The response that counts as a success.</summary>
/// <param name="Statuses">The permitted HTTP statuses. Empty: 200 to 399, as in the HTTP probes of Kubernetes.</param>
/// <param name="Texts">Texts that the response must contain. Upper and lower case differ.</param>
public sealed record Expectation(IReadOnlyCollection<int> Statuses, IReadOnlyCollection<string> Texts)
{
    /// <summary>The bytes of a response that are read. The rest is ignored.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int BlockSize = 16 * 1024;

    /// <summary>Any response with a status from 200 to 399.</summary>
    public static Expectation Default { get; } = new([], []);

    internal string? Judge(int status) =>
        (Statuses.Count == 0 ? status is >= 200 and < 400 : Statuses.Contains(status)) ? null : $"Status{status}";

    /// <summary>Reads the response to its end, so that a response that breaks off is noticed, and looks for the texts.</summary>
    internal async Task<string?> JudgeAsync(Stream body, Encoding encoding, CancellationToken stop)
    {
        var missing = Texts.ToList();
        var overlap = missing.Count == 0 ? 0 : missing.Max(text => text.Length) - 1;
        var bytes = ArrayPool<byte>.Shared.Rent(BlockSize);
        var text = missing.Count == 0 ? [] : ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(bytes.Length) + overlap);
        try
        {
            var (decoder, kept) = (encoding.GetDecoder(), 0);
            for (var left = MaxBytes; left > 0;)
            {
                var read = await body.ReadAsync(bytes.AsMemory(0, Math.Min(left, bytes.Length)), stop);
                if (read == 0)
                    break;
                left -= read;
                if (missing.Count == 0)
                    continue;
                var length = kept + decoder.GetChars(bytes, 0, read, text, kept);
                missing.RemoveAll(one => text.AsSpan(0, length).Contains(one, StringComparison.Ordinal));
                kept = Math.Min(overlap, length);
                text.AsSpan(length - kept, kept).CopyTo(text);
            }
            return missing.Count == 0 ? null : FailureReason.WrongContent;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            if (text.Length > 0)
                ArrayPool<char>.Shared.Return(text);
        }
    }
}
