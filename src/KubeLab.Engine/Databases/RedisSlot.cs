using System.Text;

namespace KubeLab.Engine.Databases;

/// <summary>Hash slots of Redis Cluster.</summary>
internal static class RedisSlot
{
    /// <summary>The slot of a key: CRC16 (XMODEM) modulo 16384, of the part in braces if there is one.</summary>
    public static int Of(string key)
    {
        if (key.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open && key.IndexOf('}', open) is var close && close > open + 1)
            key = key[(open + 1)..close];
        var crc = 0;
        foreach (var one in Encoding.UTF8.GetBytes(key))
        {
            crc ^= one << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            crc &= 0xffff;
        }
        return crc % 16384;
    }
}
