"""Brings a message into one plain form before it is read; what is not certainly a number is not
repaired (rule 1).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TRADITIONAL = str.maketrans(
    "戶樓開報進無計員動場驗撥萬幾餘後級鎮鄉兩個維護陸貳還總類號時點數據農雲鷺楓蘭蒼巒崗硯橋楊嶺溝灣灘澗陽龍馬鳳長門華東興寧豐縣區辦處務單導領們謝請這說現實際來為對錯誤訂補預爭確約過達標題麼嗎從將應該當與"
    "於經統匯彙組間樣變沒舊續繼體資貧廠廣劃屬遷築設備壩莊園團圓圖國積稱種結給練綠羅蕭葉藍鐘鍾賴劉鄧鄭陳張趙黃吳許呂蔣範馮閻盧蘇鄒鑰鐵轉較輕連運選遠適邊鋼錄錢隊隨難電須頭願風飛驟魚麗齊啟審寫專業嚴產僅價優會"
    "傳億決況減準擊則創剛勞勢協衛壓雙發聽響圍壞堅夠獎婦學寶寬尋層屆島師帶幫庫異強歸復複憂態慣戰執擴掃擔擇掛損換擾敵斷術機權條極構檔檢歡歲殘氣漢滿濟災煙煩熱燈營牆狀獨環畫畢監碼禮穩競筆簡簽糧紀納紙線細終絕網"
    "緊績織聯職腦臉艱蓋藝裝製規視覺觀認討訓記講訪評詢試話詳課調談諾證識議讀貝財責質購貼費賀趕車載輛輪轄違釋針閉問閱階險雜離霧靜頁項順額駐鬧鮮鳥麥佔係裡裏週昇隻畝棟劑孫",
    "户楼开报进无计员动场验拨万几余后级镇乡两个维护陆贰还总类号时点数据农云鹭枫兰苍峦岗砚桥杨岭沟湾滩涧阳龙马凤长门华东兴宁丰县区办处务单导领们谢请这说现实际来为对错误订补预争确约过达标题么吗从将应该当与"
    "于经统汇汇组间样变没旧续继体资贫厂广划属迁筑设备坝庄园团圆图国积称种结给练绿罗萧叶蓝钟钟赖刘邓郑陈张赵黄吴许吕蒋范冯阎卢苏邹钥铁转较轻连运选远适边钢录钱队随难电须头愿风飞骤鱼丽齐启审写专业严产仅价优会"
    "传亿决况减准击则创刚劳势协卫压双发听响围坏坚够奖妇学宝宽寻层届岛师带帮库异强归复复忧态惯战执扩扫担择挂损换扰敌断术机权条极构档检欢岁残气汉满济灾烟烦热灯营墙状独环画毕监码礼稳竞笔简签粮纪纳纸线细终绝网"
    "紧绩织联职脑脸艰盖艺装制规视觉观认讨训记讲访评询试话详课调谈诺证识议读贝财责质购贴费贺赶车载辆轮辖违释针闭问阅阶险杂离雾静页项顺额驻闹鲜鸟麦占系里里周升只亩栋剂孙",
)
"""The traditional characters of the field's words, of names and of everyday reports, one for
one.
"""
CIRCLED_AND_RAISED = re.compile(
    "[\u2460-\u24ff\u2776-\u2793\u00b9\u00b2\u00b3\u2070-\u2089\u20e3\u3220-\u3229\u3280-\u3289\u2160-\u2188]"
)
ODD_NUMBER = "\ufffc"
"""Stands for a character that looks like a number and is not certainly one: circled, raised, a
keycap.
"""
THOUSANDS = re.compile(r"(?<!\d)(\d{1,3}(?:,\d{3})+)(?!\d|,|\s?%)")
DROPPED = frozenset({"Cf", "Cs", "Co", "Cn", "Mn", "Me"})
BLANK = frozenset({"Cc", "Zs", "Zl", "Zp", "So", "Sk"})


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if character in "\n\t" or character == ODD_NUMBER:
        return character
    category = unicodedata.category(character)
    return "" if category in DROPPED else " " if category in BLANK else character


THREE = re.compile("參(?=[拾佰仟])|(?<=[拾佰仟])參")
BESIDE_A_BRACKET = re.compile(r"(?<! ) {1,3}(?=[(:])|(?<=[(:]) {1,3}(?! )")


def normal(text: str) -> str:
    """The message in one form: NFKC, simplified domain words, no zero-width characters, emoji or
    thousands separators.
    """
    text = THREE.sub("叁", text.replace("℃", "度").replace("°C", "度").replace("↑", "+")).replace(
        "參", "参"
    )
    marked = CIRCLED_AND_RAISED.sub(ODD_NUMBER, text)
    plain = unicodedata.normalize("NFKC", marked).translate(TRADITIONAL)
    kept = map(_plain, plain)
    joined = THOUSANDS.sub(lambda found: found.group().replace(",", ""), "".join(kept))
    return BESIDE_A_BRACKET.sub("", joined)
