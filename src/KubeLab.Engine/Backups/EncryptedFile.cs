using System.Security.Cryptography;
using System.Text;

namespace KubeLab.Engine.Backups;

/// <summary>Encrypts as 'openssl enc -aes-256-cbc -pbkdf2 -iter 600000' does (docs.openssl.org/master/man1/openssl-enc), so that openssl can decrypt it.
/// The format does not detect changes: the hashes in the encrypted archive do.</summary>
internal static class EncryptedFile
{
    private const int Iterations = 600_000; // OWASP's minimum for PBKDF2 with HMAC-SHA256.
    private const int KeyLength = 32, BlockLength = 16;
    private static readonly byte[] Magic = "Salted__"u8.ToArray();

    /// <summary>Writes the header. What is written to the result is encrypted. Disposing it completes the file, which stays open.</summary>
    public static Stream Encrypt(Stream file, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(8);
        file.Write(Magic);
        file.Write(salt);
        using var aes = Cipher(password, salt);
        return new CryptoStream(file, aes.CreateEncryptor(), CryptoStreamMode.Write, leaveOpen: true);
    }

    /// <summary>Whether a file has the header.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> header) => header.StartsWith(Magic);

    /// <summary>Returns the decrypted content.</summary>
    /// <exception cref="EndOfStreamException">The header is incomplete.</exception>
    public static Stream Decrypt(Stream file, string password)
    {
        var header = new byte[Magic.Length + 8];
        file.ReadExactly(header);
        using var aes = Cipher(password, header[Magic.Length..]);
        return new CryptoStream(file, aes.CreateDecryptor(), CryptoStreamMode.Read);
    }

    private static Aes Cipher(string password, byte[] salt)
    {
        var both = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, KeyLength + BlockLength);
        var aes = Aes.Create();
        (aes.Key, aes.IV) = (both[..KeyLength], both[KeyLength..]);
        return aes;
    }
}
